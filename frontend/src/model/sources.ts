/** Where a number came from: a mark, a few words, and a sentence for the legend. The same as tb_versions/read/sources.py. Pure. */

/** By the word that a filter uses. */
export const SOURCES = {
  typed: ["✎", "typed in, or not said", "The author gave the number, or a manifest does not say where it is from. Nothing checked it."],
  log: ["≡", "training log", "Copied from the training log when the version was published."],
  evaluated: ["◆", "evaluated on the export", "The exported weights were evaluated for this version."],
  run: ["∿", "from the run", "Not in the manifest: read from the run's curve. Best and last always are."],
  inferred: ["∴", "inferred", "Nobody stated it. It was found in a log or a file; the details name the evidence."],
  imported: ["↧", "imported", "As another tracker recorded it, which does not say that it is the value of the export."],
  measured: ["◷", "measured later", "Measured after publishing, and recorded beside the model."],
  replayed: ["↻", "replayed", "The version was loaded again, maybe elsewhere, and its answers were compared with the golden ones."],
} as const;

export type SourceName = keyof typeof SOURCES;

export const SOURCE_NAMES = Object.keys(SOURCES) as SourceName[];

export const isSource = (name: unknown): name is SourceName => typeof name === "string" && Object.hasOwn(SOURCES, name);

/** "training log"; what an export made up is shown as it is. */
export const sourceWords = (name: string): string => (isSource(name) ? SOURCES[name][1] : name);

/** "≡ training log". */
export const sourceText = (name: string): string => (isSource(name) ? `${SOURCES[name][0]} ${SOURCES[name][1]}` : name);
