/** What an export says of itself: the section "head" of docs/export-format.md, with its types checked. */

export interface ExportedRun {
  name: string;
  tags: string[];
  /** `n` of "runs/<n>". */
  section: number;
  /** Position among all runs that TensorBoard had. */
  color: number;
}

export interface Head {
  generator: string;
  title: string;
  /** Markdown. */
  introduction: string;
  /** Hash to open with, or empty. */
  view: string;
  tensorboardUrl: string;
  /** Milliseconds since 1970. */
  newest: number | null;
  versions: number;
  detailsSize: number;
  runs: ExportedRun[];
  sampling: { points: number; words: string };
  leftOut: string[];
  redacted: string[];
}

const FORMAT = "tb-versions-export";
const SCHEMA = 2;

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const count = (value: unknown, least: number): number => (Number.isSafeInteger(value) ? Math.max(least, value as number) : least);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : []);

function runOf(value: unknown): ExportedRun {
  const run = fields(value);
  return { name: text(run.name), tags: texts(run.tags), section: count(run.section, 0), color: count(run.color, 0) };
}

/** Checks what a file says of itself. Throws an error with a sentence for the reader where it is no export, or one of a later format. */
export function readHead(value: unknown): Head {
  const head = fields(value);
  if (head.format !== FORMAT) throw new Error("This is no export of tb-versions.");
  if (typeof head.schema_version !== "number" || head.schema_version > SCHEMA) {
    throw new Error(`This export has the format ${String(head.schema_version)}; this page reads formats up to ${SCHEMA}.`);
  }
  const sampling = fields(head.sampling);
  return {
    generator: text(head.generator),
    title: text(head.title),
    introduction: text(head.introduction),
    view: text(head.view),
    tensorboardUrl: text(head.tensorboard_url),
    newest: typeof head.newest === "number" ? head.newest : null,
    versions: count(head.versions, 0),
    detailsSize: count(head.details_size, 1),
    runs: Array.isArray(head.runs) ? head.runs.map(runOf) : [],
    sampling: { points: count(sampling.points, 0), words: text(sampling.words) },
    leftOut: texts(head.left_out),
    redacted: texts(head.redacted),
  };
}
