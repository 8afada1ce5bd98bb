/** Where the page gets its data from: HTTP here, an embedded snapshot in an exported page. */
import type {
  ActionBody,
  ActionPayload,
  ChangesPayload,
  HistoryPayload,
  HistoryQuestion,
  MeasuredPayload,
  Registry,
  Verb,
} from "./registry";
import type { ServedPayload } from "./served";
import type { ComparePayload, DensityPayload, Part, ScalarsPayload, TableHead, VersionPayload, WindowPayload } from "./types";

export type VersionsAnswer = { notModified: true } | { notModified: false; head: TableHead };

/** Parameters of a question about rows that the page does not have, as docs/http-api.md names them. */
export type Asked = readonly (readonly [name: string, value: string])[];

/** What an export holds. Without references and without a filter: all versions. */
export interface ExportQuestion {
  format: "html" | "csv" | "json" | "markdown" | "latex";
  /** "digits:3", "run:mlp". */
  refs: string[];
  /** In the filter language. */
  filter: string;
  /** Instead of a filter: the filter, ticks and ranges of very many versions. */
  which?: Asked;
  /** The hash that the page opens with; empty for tables. */
  view: string;
}

export interface Api {
  /**
   * The table; `notModified` when it still has the revision that the page has. `take` gets its parts, one after the other, with
   * pauses in which the page can draw; those that were there at that revision may be left out.
   */
  versions(since: string | null, take: (part: Part) => void): Promise<VersionsAnswer>;
  /** Some of very many rows. An abort is thrown as it is. */
  window(asked: Asked, signal?: AbortSignal): Promise<WindowPayload>;
  /** How many of very many rows lie where, by two of their numbers. */
  density(asked: Asked, signal?: AbortSignal): Promise<DensityPayload>;
  /** Everything about one version, by reference ("digits:3"). */
  version(ref: string): Promise<VersionPayload>;
  /** Curves of every asked run × tag that exists. */
  scalars(runs: string[], tags: string[], maxPoints?: number): Promise<ScalarsPayload>;
  /** Members ("digits:3", "run:mlp") side by side; `goals`: metric's name to "max" or "min". */
  compare(members: string[], baseline: string | null, goals: ReadonlyMap<string, string>): Promise<ComparePayload>;
  /** The scalar tags of every run; empty where they are not known. */
  runTags(): Promise<Record<string, string[]>>;
  /** Whether TensorBoard's HParams tab has something to show. */
  hasHparams(): Promise<boolean>;
  /** The registry as it was at a moment, milliseconds since 1970. */
  registry(at: number): Promise<Registry>;
  /** Events of a model, newest first. */
  history(question: HistoryQuestion): Promise<HistoryPayload>;
  /** Metrics that were measured later, of one version, newest first. */
  measured(question: HistoryQuestion): Promise<MeasuredPayload>;
  /** Whether the registry may be changed from the page. */
  changes(): Promise<ChangesPayload>;
  /** What TensorFlow Serving serves, where TensorBoard was told whom to ask. */
  served(): Promise<ServedPayload>;
  /** Changes it. Throws an ApiError with `faster` where somebody else was. */
  act(verb: Verb, body: ActionBody, token: string): Promise<ActionPayload>;
  /** Address of a file to download; null where there is no server to make one, or the address would be too long. */
  exportAddress(question: ExportQuestion): string | null;
  /** The file at such an address. */
  file(address: string): Promise<Blob>;
}
