/** Where the page gets its data from: HTTP here, an embedded snapshot in an exported page. */
import type { ScalarsPayload, VersionPayload, VersionsPayload } from "./types";

export type VersionsAnswer = { notModified: true } | { notModified: false; etag: string; payload: VersionsPayload };

export interface Api {
  /** The whole table; `notModified` when the content still has this etag. */
  versions(etag: string | null): Promise<VersionsAnswer>;
  /** Everything about one version, by reference ("digits:3"). */
  version(ref: string): Promise<VersionPayload>;
  /** Curves of every asked run × tag that exists. */
  scalars(runs: string[], tags: string[]): Promise<ScalarsPayload>;
}
