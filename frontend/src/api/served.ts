/** What TensorFlow Serving serves, by a file or by a server that TensorBoard's command line names. */
import type { VersionNumber } from "./registry";

export interface ServedModel {
  /** "specific": the versions that are named; else those that the server finds, which are not known here. */
  policy: string;
  versions: VersionNumber[];
  /** Label to version. */
  labels: Record<string, VersionNumber>;
}

export interface ServedPlace {
  /** The file, or the server's address. */
  where: string;
  kind: "file" | "server";
  /** Why nothing is known of it, a sentence; "" where it is. */
  problem: string;
  models: Record<string, ServedModel>;
  /** Models that were not asked for, because there are too many. */
  left_out: number;
}

export interface ServedPayload {
  places: ServedPlace[];
}
