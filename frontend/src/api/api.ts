/** Where the page gets its data from: HTTP here, an embedded snapshot in an exported page. */
import type { ComparePayload, ScalarsPayload, VersionPayload, VersionsPayload } from "./types";

export type VersionsAnswer = { notModified: true } | { notModified: false; etag: string; payload: VersionsPayload };

/** What an export holds. Without references and without a filter: all versions. */
export interface ExportQuestion {
  format: "html" | "csv" | "json" | "markdown" | "latex";
  /** "digits:3", "run:mlp". */
  refs: string[];
  /** In the filter language. */
  filter: string;
  /** The hash that the page opens with; empty for tables. */
  view: string;
}

export interface Api {
  /** The whole table; `notModified` when the content still has this etag. */
  versions(etag: string | null): Promise<VersionsAnswer>;
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
  /** Address of a file to download; null where there is no server to make one, or the address would be too long. */
  exportAddress(question: ExportQuestion): string | null;
  /** The file at such an address. */
  file(address: string): Promise<Blob>;
}
