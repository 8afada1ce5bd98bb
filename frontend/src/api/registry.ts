/**
 * What the registry's logs say of the models. `docs/http-api.md` says the same in prose.
 *
 * `Registry` and what it holds travel without what is not said; readRegistry.ts fills it in, so that here nothing is optional.
 */
import type { WireNumber } from "./numbers";

/** A string above 2^53. */
export type VersionNumber = number | string;

/** Who did something, when (milliseconds since 1970) and why. The actor is a claim. */
export interface By {
  actor: string;
  time: number;
  reason: string;
}

export interface Alias extends By {
  name: string;
  /** The version that holds it. */
  number: VersionNumber;
  /** Number of the event that put it there. */
  event: number;
  /** The versions that rollbacks would lead to, one after the other. */
  previous: VersionNumber[];
  /** The manifest that has the number now is another one than was promoted: the version is not what the alias was given to. */
  another_manifest: boolean;
}

export type GateVerdict = "passed" | "failed" | "stale";

/** The last result of a gate for a version, and what it is worth now. */
export interface GateSaid {
  /** "release", or "release on monitoring" where it was restricted to a source of metrics measured later. */
  gate: string;
  on: string | null;
  /** "stale": what it saw changed since, in the ways of `changed`. */
  verdict: GateVerdict;
  /** Whether every rule passed then. */
  passed: boolean;
  /** Rules, and those of them that did not pass. */
  count: number;
  failed: number;
  changed: string[];
  /** When values measured later are too old for their rules; null: never. */
  until: number | null;
  /** Aliases that the version holds because it passed then. */
  promoted: string[];
  /** Number of the event. */
  event: number;
  actor: string;
  time: number;
}

/** What came of one rule. */
export interface GateFinding {
  rule: string;
  wanted: string;
  found: string;
  verdict: "passed" | "failed" | "not known";
  why: string;
  value: number | null;
  limit: number | null;
  margin: number | null;
  baseline: string;
}

/** What the log says of a version; what its manifest says stays in the manifest. Of texts the table has the beginning. */
export interface VersionSaid {
  approvals: By[];
  /** Of another manifest that had the number before: they do not count for the one that is there. */
  approvals_of_another_manifest: By[];
  deprecated: By | null;
  /** `by`: what asked for it: "prune", "keep=3 of run mlp". */
  removed: (By & { by: string }) | null;
  /** Values that were set later; null: a label of the manifest was removed. */
  labels: Record<string, string | null>;
  description: string | null;
  semantic_version: string | null;
  /** `now`: what it says of the manifest that is there now; null: it was of another one. */
  verified: (By & { ok: boolean; how: string; now: string | null }) | null;
  /** What its signatures come to: "verified", "claimed" …; null: none is recorded, or that is not known here. */
  signed: string | null;
  gates: GateSaid[];
  /** The last replay of its golden outputs, in words, and the digest of the manifest that it was of (null: not known). */
  replayed: (By & { ok: boolean; words: string; manifest: string | null }) | null;
  /** Number of notes, and of all events about it. */
  notes: number;
  events: number;
}

/** Why the state is not known. */
export type ProblemKind = "damaged" | "newer" | "rewritten";

/** What the log of one model says, in one folder. */
export interface ModelSaid {
  /** The model's folder, as the user knows it. */
  folder: string;
  /** Number of the last event that is known. */
  head: number;
  /** Of that event. */
  time: number | null;
  /** A sentence: the state is not known, and what is here is the last that is. */
  problem: string | null;
  kind: ProblemKind | null;
  /** Number of events whose clock was more than five minutes behind the event before. */
  skewed: number;
  policy: { digest: string; protected: string[] } | null;
  aliases: Alias[];
  /** By number; only those that an event is about. */
  versions: Record<string, VersionSaid>;
  /** By number the row that is meant where it is not `model:number`; null: the table has no such row. */
  ids: Record<string, string | null>;
  /** Logs of the same model in other folders: each speaks of the versions in its folder only. */
  others: ModelSaid[];
}

/** A metric that was measured after publishing: a column of the table. */
export interface MeasuredHead {
  /** Unique, and how a filter calls it: "accuracy [2026-11/night] (monitoring)". */
  key: string;
  name: string;
  goal: "max" | "min" | "unknown" | "";
  dataset: string;
  slice: string;
  source: string;
}

export interface Registry {
  /** null: now. */
  at: number | null;
  models: Record<string, ModelSaid>;
  measured: MeasuredHead[];
  /** By the row's id, for each of `measured`: the newest value and when it was measured. */
  measured_values: Record<string, ([value: WireNumber, time: number] | null)[]>;
}

export interface LogEvent extends By {
  number: number;
  kind: string;
  version: VersionNumber | null;
  /** By the writer's clock is `time`; the later of it and of the event before is `effective`. */
  effective: number;
  /** The clock was more than five minutes behind the event before. */
  skewed: boolean;
  tool: string;
  critical: boolean;
  /** Whether the kind is one that the server knows. */
  known: boolean;
  /** Where it stood before two logs were merged. */
  origin: { number: number; digest: string } | null;
  // What the kind says.
  alias?: string;
  from?: VersionNumber | null;
  text?: string;
  key?: string;
  value?: string | null;
  semantic_version?: string;
  ok?: boolean;
  how?: string;
  found?: string;
  target?: string;
  by?: string;
  size?: number | string | null;
  loosened?: string[];
  source?: string;
  gate?: string;
  on?: string;
  passed?: boolean;
  findings?: GateFinding[];
  /** Of a signature: the name of the key, or who signed. */
  name?: string;
  identity?: string;
  tensorflow?: string;
  device?: string;
  max_error?: number | null;
  absolute?: number | null;
  relative?: number | null;
  /** Of `inspected`: number of dangerous findings; `words` has all. */
  dangerous?: number;
  /** Of `behaviour_compared`: the version that it was compared with, and what came of it; model/compare/behaviour.ts reads it. */
  other?: string;
  words?: string;
  outputs?: unknown;
  /** Of an unknown kind: all that it says. */
  data?: string;
  /** Why what it says can't be shown. */
  problem?: string;
}

/** Newest first. */
export interface HistoryPayload {
  model: string;
  head: number;
  problem: string | null;
  events: LogEvent[];
  /** There are older ones. */
  more: boolean;
}

export interface HistoryQuestion {
  model: string;
  /** Where several folders have a log of the model. */
  folder?: string;
  /** Number of an event: those before it. */
  before?: number;
  limit?: number;
  version?: string;
}

/** Metrics of a version that were measured together. */
export interface MeasuredRecord {
  /** When they were measured, and when that was written down. */
  time: number;
  recorded: number;
  actor: string;
  source: string;
  dataset: string;
  slice: string;
  /** With the ends of its interval, its confidence, and the number of examples, where they are known. */
  values: {
    name: string;
    value: WireNumber;
    goal: string;
    lower?: number;
    upper?: number;
    confidence?: number;
    examples?: number | string;
  }[];
}

/** Newest first. */
export interface MeasuredPayload {
  measured: MeasuredRecord[];
}

export interface ChangesPayload {
  allowed: boolean;
  /** A sentence where it is not. */
  why: string;
  /** Folders of models that may be changed. */
  folders?: string[];
}

export const VERBS = [
  "promote",
  "rollback",
  "unalias",
  "approve",
  "withdraw",
  "deprecate",
  "restore",
  "label",
  "note",
  "describe",
] as const;

export type Verb = (typeof VERBS)[number];

/** The body of POST actions/<verb>. */
export interface ActionBody {
  model: string;
  /** Where several folders have a log of the model. */
  folder?: string;
  number?: VersionNumber;
  alias?: string;
  reason?: string;
  /** The version that is expected to hold the alias; null: none. */
  expect?: VersionNumber | null;
  key?: string;
  value?: string | null;
  text?: string;
}

/** Answer of POST actions/<verb>. */
export interface ActionPayload {
  /** As in /history; null: there was nothing to change. */
  event: LogEvent | null;
  /** A sentence. */
  said: string;
}

/** Who was faster: `now` of an answer 409. */
export interface Faster {
  number: VersionNumber | null;
  actor: string;
  time: number;
}
