/** The Api over an export: no server, no request that its sections do not make. */
import type { Api, VersionsAnswer } from "./api";
import type { ExportedRun, Head } from "./head";
import { readRegistry } from "./readRegistry";
import type {
  Alias,
  ChangesPayload,
  HistoryPayload,
  HistoryQuestion,
  LogEvent,
  MeasuredPayload,
  MeasuredRecord,
  ModelSaid,
  Registry,
} from "./registry";
import type { Sections } from "./sections";
import type { ServedPayload } from "./served";
import type { ComparePayload, Part, ScalarsPayload, TableHead, VersionPayload, VersionsPayload } from "./types";

type Series = ScalarsPayload["series"][number];

/** What an export knows of a version beside what its panel shows. */
export interface ExportedVersion extends Omit<VersionPayload, "manifest_text"> {
  /** Only where the manifest's JSON does not give its exact text. */
  manifest_text?: string;
  /** What a comparison needs beside the manifest. */
  comparing: unknown;
  /** What was taken out of the manifest, in words. */
  redacted: string[];
}

export interface Question {
  members: string[];
  baseline: string | null;
  goals: ReadonlyMap<string, string>;
  revision: string;
  /** Of each member that is a version. */
  versions: ReadonlyMap<string, ExportedVersion>;
  /** Of each member that is a run, as `comparing` of a version. */
  runs: ReadonlyMap<string, unknown>;
  /** What the members have in common. */
  shared: unknown;
}

/** The state of a model after its events up to a moment, oldest first. */
export type FoldEvents = (events: readonly LogEvent[], at: number) => ModelSaid;

/** What an export computes in place of a server. */
export interface Engine {
  compare: CompareMembers;
  fold: FoldEvents;
}

/** Compares without a server, as `/compare` does. */
export type CompareMembers = (question: Question) => ComparePayload;

const MS = 1000;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function own(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function damaged(section: string): Error {
  return new Error(`The part "${section}" of this export does not hold what it should. Ask for a new copy.`);
}

const LISTS_OF_A_TABLE = ["metrics", "hyperparameters", "labels", "problems", "looked_in", "blocks", "parts"];

/** Whether a part has `rows` values in each of its columns, and names its rows where it should. */
function fits(part: unknown, rows: unknown): boolean {
  const columns = own(part, "columns");
  if (!isRecord(columns)) return false;
  const named = ["metrics", "hyperparameters", "labels"].flatMap((kind) => own(part, kind) ?? []);
  const lists = [columns, ...named].flatMap((each) => (isRecord(each) ? Object.values(each) : [null]));
  const cells = lists.map((column) => (isRecord(column) ? column.codes : column)).filter((column) => typeof column !== "string");
  const ids = own(columns, "id") ?? [];
  return cells.every((column) => Array.isArray(column) && column.length === rows) && Array.isArray(ids) && ids.every(isText);
}

const isText = (value: unknown): value is string => typeof value === "string";

/** A table whose columns do not fit each other can't be shown. */
function checkedVersions(value: unknown): VersionsPayload {
  if (!LISTS_OF_A_TABLE.every((key) => Array.isArray(own(value, key)))) throw damaged("versions");
  const { blocks, parts } = value as VersionsPayload;
  const known = new Map(parts.map((part) => [own(part, "digest"), part]));
  for (const block of blocks) {
    const digests = own(block, "parts");
    const rows = own(block, "rows");
    if (!Array.isArray(digests) || !digests.every((digest) => fits(known.get(digest), rows))) throw damaged("versions");
    if (!digests.some((digest) => known.get(digest)?.columns.id)) throw damaged("versions");
  }
  return value as VersionsPayload;
}

const LISTS_OF_A_VERSION = ["runs", "metrics", "files_changed", "redacted"];

function isVersion(value: unknown, ref: string): value is ExportedVersion {
  const lineage = own(value, "lineage");
  return (
    own(value, "id") === ref &&
    typeof own(value, "model") === "string" &&
    LISTS_OF_A_VERSION.every((key) => Array.isArray(own(value, key))) &&
    ["parents", "children", "same_run", "same_content"].every((key) => Array.isArray(own(lineage, key)))
  );
}

function isSeries(value: unknown): value is Series {
  const [steps, times, values] = ["steps", "wall_times", "values"].map((key) => own(value, key));
  return (
    typeof own(value, "tag") === "string" &&
    Array.isArray(steps) &&
    Array.isArray(times) &&
    Array.isArray(values) &&
    steps.length === values.length &&
    times.length === values.length
  );
}

/** Each number but the first is told as the difference to the one before. */
function summed(differences: number[]): number[] {
  let sum = 0;
  return differences.map((each) => (sum += each));
}

function seriesFrom(run: string, { tag, steps, wall_times, values, sampled }: Series): Series {
  const times = summed(wall_times).map((time) => time / MS);
  return { run, tag, steps: summed(steps), wall_times: times, values, sampled: sampled === true };
}

function shown({ comparing: _, manifest_text: exact, ...version }: ExportedVersion): VersionPayload {
  if (typeof exact === "string") return { ...version, redacted: undefined, manifest_text: exact };
  const text = version.manifest === null ? "" : `${JSON.stringify(version.manifest, null, 2)}\n`;
  return { ...version, manifest_text: text };
}

const ONLY_SOME = "This export has only some events of the model, so what was in use on another day is not known.";

function isEvent(value: unknown): value is LogEvent {
  const texts = ["kind", "actor", "reason", "tool"].every((key) => typeof own(value, key) === "string");
  return texts && ["number", "time", "effective"].every((key) => typeof own(value, key) === "number");
}

function isMeasured(value: unknown): value is MeasuredRecord {
  const texts = ["actor", "source", "dataset", "slice"].every((key) => typeof own(value, key) === "string");
  return texts && typeof own(value, "time") === "number" && Array.isArray(own(value, "values"));
}

/** The newest values, of those that were measured by then. */
function before(now: Registry | null, at: number): Registry["measured_values"] {
  const values = Object.entries(now?.measured_values ?? {});
  return Object.fromEntries(values.map(([id, cells]) => [id, cells.map((cell) => (cell && cell[1] <= at ? cell : null))]));
}

/** Aliases of another day: those that nobody moved since are of another manifest if they are so now. */
function stillOfAnother(then: readonly Alias[], { aliases: now }: ModelSaid): Alias[] {
  const isSo = ({ name, event }: Alias): boolean => now.some((each) => each.another_manifest && each.name === name && each.event === event);
  return then.map((alias) => ({ ...alias, another_manifest: isSo(alias) }));
}

function factsOf(facts: unknown, run: string): unknown {
  const found = own(own(facts, "runs"), run);
  if (found === undefined) throw new Error(`This export does not hold what a comparison must know of "${run.slice(4)}".`);
  return found;
}

class Snapshot implements Api {
  private readonly runs: ReadonlyMap<string, ExportedRun>;
  private readonly rows = new Map<string, number>();

  constructor(
    private readonly sections: Sections,
    private readonly head: Head,
    private readonly engine: Engine,
  ) {
    this.runs = new Map(head.runs.map((run) => [run.name, run]));
  }

  private async table(): Promise<VersionsPayload> {
    return checkedVersions(await this.sections.read("versions"));
  }

  async versions(since: string | null, take: (part: Part) => void): Promise<VersionsAnswer> {
    const { parts, ...head } = await this.table();
    if (since === head.revision) return { notModified: true };
    parts.forEach(take);
    return { notModified: false, head: { ...head, registry: readRegistry(head.registry) } satisfies TableHead };
  }

  async window(): Promise<never> {
    throw new Error("An export holds all its rows.");
  }

  async density(): Promise<never> {
    throw new Error("An export holds all its rows.");
  }

  /** The row of a version in the whole table. */
  private async rowOf(ref: string): Promise<number | undefined> {
    if (this.rows.size === 0) {
      const { blocks, parts } = await this.table();
      const ids = new Map(parts.map((part) => [part.digest, part.columns.id ?? []]));
      for (const id of blocks.flatMap((block) => block.parts.flatMap((digest) => ids.get(digest) ?? []))) this.rows.set(id, this.rows.size);
    }
    return this.rows.get(ref);
  }

  private async detail(ref: string): Promise<ExportedVersion> {
    const row = await this.rowOf(ref);
    if (row === undefined) throw new Error(`This export does not hold "${ref}".`);
    const section = `details/${Math.floor(row / this.head.detailsSize)}`;
    const details = await this.sections.read(section);
    const found = Array.isArray(details) ? details[row % this.head.detailsSize] : undefined;
    if (!isVersion(found, ref)) throw damaged(section);
    return found;
  }

  async version(ref: string): Promise<VersionPayload> {
    return shown(await this.detail(ref));
  }

  private async seriesOf(run: string): Promise<Series[]> {
    const known = this.runs.get(run);
    if (!known) return [];
    const found = own(await this.sections.read(`runs/${known.section}`), run);
    if (!Array.isArray(found) || !found.every(isSeries)) throw damaged(`runs/${known.section}`);
    return found.map((each) => seriesFrom(run, each));
  }

  async scalars(runs: string[], tags: string[]): Promise<ScalarsPayload> {
    const wanted = new Set(tags);
    const all = await Promise.all(runs.map((run) => this.seriesOf(run)));
    const series = all.flat().filter((each) => wanted.has(each.tag));
    const missing = runs.flatMap((run, index) =>
      tags.filter((tag) => !all[index]?.some((each) => each.tag === tag)).map((tag) => ({ run, tag })),
    );
    return { series, missing };
  }

  async compare(members: string[], baseline: string | null, goals: ReadonlyMap<string, string>): Promise<ComparePayload> {
    const { revision } = await this.table();
    const facts = await this.sections.read("facts");
    const versions = new Map<string, ExportedVersion>();
    const runs = new Map<string, unknown>();
    for (const member of members) {
      if (member.startsWith("run:")) runs.set(member, factsOf(facts, member));
      else versions.set(member, await this.detail(member));
    }
    return this.engine.compare({ members, baseline, goals, revision, versions, runs, shared: own(facts, "shared") });
  }

  /** All events of a model, oldest first; none where the export was made without history. */
  private async eventsOf(model: string): Promise<LogEvent[]> {
    const found = own(await this.sections.read("history").catch(() => null), model);
    return Array.isArray(found) ? found.filter(isEvent) : [];
  }

  async history({ model, before = Number.POSITIVE_INFINITY, limit = 100, version }: HistoryQuestion): Promise<HistoryPayload> {
    const all = await this.eventsOf(model);
    const asked = all.filter((event) => event.number < before && (version === undefined || String(event.version) === version));
    const { registry } = await this.table();
    const problem = readRegistry(registry)?.models[model]?.problem ?? null;
    const events = asked.slice(-limit).reverse();
    return { model, head: all.at(-1)?.number ?? 0, problem, events, more: asked.length > events.length };
  }

  async registry(at: number): Promise<Registry> {
    const now = readRegistry((await this.table()).registry);
    const models = Object.create(null) as Record<string, ModelSaid>;
    for (const [name, model] of Object.entries(now?.models ?? {})) {
      const { folder, kind, policy, ids } = model;
      const events = await this.eventsOf(name);
      // Without an event that was left out an alias would stay where it was.
      const isWhole = events.length === model.head && events.every(({ number }, index) => number === index + 1);
      const problem = model.problem ?? (isWhole ? null : ONLY_SOME);
      const then = this.engine.fold(events, at);
      models[name] = { ...then, aliases: stillOfAnother(then.aliases, model), folder, problem, kind, policy, ids };
    }
    return { at, models, measured: now?.measured ?? [], measured_values: before(now, at) };
  }

  async measured({ model, version: number = "" }: HistoryQuestion): Promise<MeasuredPayload> {
    const found = own(await this.sections.read("measured").catch(() => null), `${model}:${number}`);
    return { measured: Array.isArray(found) ? found.filter(isMeasured) : [] };
  }

  async changes(): Promise<ChangesPayload> {
    return { allowed: false, why: "" };
  }

  async served(): Promise<ServedPayload> {
    return { places: [] };
  }

  async act(): Promise<never> {
    throw new Error("An export changes nothing.");
  }

  async file(): Promise<Blob> {
    throw new Error("An export makes no files.");
  }

  /** An export makes no exports: the file itself is one. */
  exportAddress(): null {
    return null;
  }

  async runTags(): Promise<Record<string, string[]>> {
    // A run may be called __proto__.
    return Object.assign(Object.create(null), Object.fromEntries(this.head.runs.map((run) => [run.name, run.tags])));
  }

  async hasHparams(): Promise<boolean> {
    return false;
  }
}

export function snapshotApi(sections: Sections, head: Head, engine: Engine): Api {
  return new Snapshot(sections, head, engine);
}
