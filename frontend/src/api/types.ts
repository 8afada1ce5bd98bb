/**
 * The wire contract of the Versions tab: what `tb_versions/payload/` writes and this page reads.
 *
 * Columns, not rows; in blocks of rows, so that what did not change need not travel again.
 * The golden files in `tests/contract/` are read by pytest and vitest alike, so the two sides can't drift.
 * `docs/http-api.md` says the same in prose.
 */

import type { WireNumber } from "./numbers";
import type { Registry, VersionSaid } from "./registry";

export type { WireNumber } from "./numbers";
export type * from "./registry";

/** A column with few distinct values: `values[codes[i]]`; code -1 is "absent". */
export interface Coded {
  values: string[];
  codes: number[];
}

/** "present": names and sizes of the files agree with the manifest (nothing was hashed). */
export type VersionState =
  | "present"
  | "changed" // a file is missing, extra or has another size
  | "missing" // announced by a run, but its folder is not (or no longer) there
  | "unreachable" // its folder is inside an allowed folder that can't be read
  | "outside" // its folder is not inside the logdir or a --versions_models_dir
  | "damaged" // the manifest can't be read; `notice` says why
  | "elsewhere" // its files lie in a source that is bound to no folder here
  | "removed" // its files went on purpose; the registry's log says who, when and why
  | "unchecked"; // files not looked at yet

/** Where a metric's number came from. "run": joined from the run's curve, not in the manifest. */
export type MetricSource = "typed" | "log" | "evaluated" | "inferred" | "imported" | "run";

/** What a metric is, in the whole table. */
export interface MetricHead {
  /** Unique in the table: the name, with ` [dataset/slice]` behind it where there is one. */
  key: string;
  name: string;
  dataset: string;
  slice: string;
  goal: "max" | "min" | "unknown";
  /** "manifest": the author said so; "inferred": from the name (loss → min). */
  goal_source: "manifest" | "inferred" | "unknown";
}

/** The numbers of some rows. */
export interface MetricColumn {
  key: string;
  name: string;
  dataset: string;
  slice: string;
  /** Value at export, nine significant digits; null is absent. Absent where no row of the part has one. */
  at_export?: (WireNumber | null)[];
  /** One text: that of all rows with a value. */
  source?: Coded | string;
  /** These are absent (not null) where no version has a curve for this metric. */
  best?: (WireNumber | null)[];
  best_step?: (number | string | null)[];
  last?: (WireNumber | null)[];
  /** Set where the run had a clearly better step: the sentence to show ("best val_loss was at step 7200, 4 % lower"). */
  regret?: (string | null)[];
  /** Why the value at export is not known, though the run has a curve; absent where no version has such a reason. */
  why_not?: (string | null)[];
  /**
   * Number of points where best, last, and a value at export from the run come from a sample of the curve: they may be
   * wrong. Absent where every curve was read whole.
   */
  sample?: (number | null)[];
}

export type Value = string | number | boolean | null;

export interface ValueColumn {
  name: string;
  values: Value[];
}

export interface Problem {
  /** Where, as the user knows it: a path relative to a folder given on the command line. */
  where: string;
  reason: string;
}

export interface Dataset {
  name: string;
  /** 12 hex digits. */
  digest: string | null;
  split: string;
}

/** Columns of some rows: position i of every column belongs to the same version. */
export interface Columns {
  /** Reference, unique: "digits:3"; where two folders claim it, "digits:3~1a2b3c4d". */
  id: string[];
  model: Coded;
  /** A string above 2^53. */
  number: (number | string)[];
  semantic_version: (string | null)[];
  description: (string | null)[]; // first line, at most 200 characters
  aliases: string[][];
  created: (number | null)[]; // ms since the epoch, UTC
  run: number[]; // the run it was exported from: index into `runs`, -1 none
  runs: number[][]; // every linked run (train and validation …), the first is `run`
  /** false: linked by the manifest, but TensorBoard does not know the run (deleted, other logdir). */
  run_known: boolean[];
  step: (number | string | null)[];
  size: (number | null)[]; // bytes
  parameters: (number | null)[];
  digest: (string | null)[]; // first 12 hex digits of the version's sha256
  state: Coded;
  /** A sentence: why damaged, what changed, "written by a newer version" … */
  notice: (string | null)[];
  parents: string[][]; // references
  relations: string[][]; // of each of `parents`, in words: "fine-tuned from"
  datasets: number[][]; // indices into `datasets`
  /** Equal for versions that differ in their seeds only: same model, hyperparameters, code and training data; -1 unknown. */
  recipe: number[];
  /** Equal for versions with equal seeds; -1 unknown. */
  seeds: number[];
  framework: Coded; // "TensorFlow 2.21.0"
  /** Name of the metric by which the author chooses; earlier releases exported none. */
  lead_metric?: Coded;
  /** Where the numbers of the manifest are from, with spaces between; earlier releases exported none. */
  sources?: Coded;
  /** What nobody stated: inferred fields, and "imported"; absent where somebody stated everything. */
  unstated?: Coded;
  /** Whether some value at export is known from the run alone; absent where that is so for no version. */
  from_run?: boolean[];
  /** Whether the hyperparameters are those that the run logged, because the manifest has none. */
  run_hyperparameters?: boolean[];
}

/** What manifests, folders or runs say of the rows of a block. */
export interface Part {
  /** Parts with one digest are equal. */
  digest: string;
  columns: Partial<Columns>;
  /** Names as in TensorBoard; `columns.run` and `columns.runs` index into it. */
  runs?: string[];
  /** Every dataset once; `columns.datasets` indexes into it. */
  datasets?: Dataset[];
  metrics?: MetricColumn[];
  hyperparameters?: ValueColumn[];
  labels?: ValueColumn[];
}

/** GET versions, up to the parts. */
export interface TableHead {
  schema_version: 2;
  /** Changes when, and only when, the content changes. Same as the ETag. */
  revision: string;
  /**
   * "loading": the first scan is not finished, more versions will come. "windowed": there are too many for one answer;
   * rows are asked for with `window`, and `blocks` is empty.
   */
  status: "loading" | "ready" | "windowed";
  /** The table that the rows of a models folder come from; absent where none has so many rows. */
  window?: Standing;
  looked_in: { path: string; kind: "logdir" | "models_dir"; exists: boolean }[];
  /** Damaged manifests, unreadable folders, cut columns: everything that is not shown, with the reason. */
  problems: Problem[];
  /** SavedModels found beside versions which have no manifest. */
  unregistered: number;
  /** Their folders, as the user knows them; at most 100. */
  unregistered_in: string[];
  /** In the order of their columns. */
  metrics: MetricHead[];
  hyperparameters: { name: string }[];
  labels: { name: string }[];
  /** In the order of the rows; `parts` has the digests of what manifests, folders and runs say. */
  blocks: { rows: number; parts: string[] }[];
  /** What was said later; earlier releases exported none. */
  registry?: Registry | null;
}

/** What is known of a table that `tb-versions index` made. */
export interface Standing {
  /** Versions that a question without a filter finds, deprecated and removed ones too; absent while the table is being opened. */
  rows?: number;
  /** When the table last changed, milliseconds since 1970. */
  indexed: number | null;
  /** Versions that are not in it and were read from their files. */
  newer: number;
  /** Rows of it whose folder is gone; they are left out. */
  gone: number;
  /** When the folder was last looked at for both; null: it was not. */
  looked: number | null;
  /** Why it was not, or what else is wrong: a sentence, or empty. */
  problem: string;
}

/** How many versions a tick of the sidebar would show, the most frequent names only. */
export interface FacetValues {
  values: [name: string, count: number][];
  /** Names that are not listed. */
  left_out: number;
}

export interface FacetsPayload {
  models: FacetValues;
  aliases: FacetValues;
  runs: FacetValues;
  states: FacetValues;
}

/** GET window */
export interface WindowPayload {
  /** Equal as long as the rows are. */
  revision: string;
  window: Standing;
  found: number;
  /** How many of those that pass all filters are hidden. */
  hidden: { deprecated: number; removed: number };
  first: number;
  /** With a grouping, in the order of the table; may be absent in windows behind the first. */
  groups?: { name: string | null; count: number }[];
  facets?: FacetsPayload;
  /** Of these rows only, in their order. */
  table: VersionsPayload;
}

/** GET density */
export interface DensityPayload {
  found: number;
  /** Those that have both numbers: finite, and positive on a logarithmic axis. */
  counted: number;
  x: { from: number | null; to: number | null };
  y: { from: number | null; to: number | null };
  bins: [nx: number, ny: number];
  /** Cells with a version. */
  counts: [ix: number, iy: number, count: number][];
}

/** GET versions */
export interface VersionsPayload extends TableHead {
  /** Each once, without those that the page has: it asked for what is new since a revision. */
  parts: Part[];
}

export interface TensorSpec {
  name: string;
  dtype: string; // "float32"
  shape: (number | null)[] | null; // null: unknown rank; null dimension: unknown
  tensor: string; // name in the graph
}

export interface Signature {
  key: string; // "serving_default"
  method: string;
  inputs: TensorSpec[];
  outputs: TensorSpec[];
}

export interface MetricDetail {
  key: string;
  name: string;
  dataset: string;
  slice: string;
  goal: "max" | "min" | "unknown";
  goal_source: "manifest" | "inferred" | "unknown";
  source: MetricSource;
  step: number | null;
  at_export: WireNumber | null;
  /** From the run's curve; null where there is none. */
  run: string | null;
  tag: string | null;
  best: WireNumber | null;
  best_step: number | null;
  last: WireNumber | null;
  last_step: number | null;
  regret: string | null;
  /** Why the value at export is not known, though the run has a curve. */
  why_not: string | null;
  /** See `MetricColumn`. */
  sample: number | null;
  /** Ends of the value's interval, its confidence (0.95), and on how many examples it was measured; absent where unknown. */
  lower?: number;
  upper?: number;
  confidence?: number;
  examples?: number | string;
}

/** A column, or one value where all are equal. */
export type Repeated<T> = T[] | T;

/** A metric on the parts of a dataset. Where the value over all of it is known it is the first, with the slice "". */
export interface SliceGroup {
  name: string;
  /** "" means unsaid. */
  dataset: string;
  /** Of the dataset, 12 hex digits; "" where nobody can say. */
  digest: string;
  goal: "max" | "min" | "unknown";
  goal_source: "manifest" | "inferred" | "unknown";
  slice: string[];
  value: WireNumber[];
  source: Repeated<MetricSource>;
  lower: Repeated<number | null>;
  upper: Repeated<number | null>;
  /** Of the interval: 0.95. */
  confidence: Repeated<number | null>;
  examples: Repeated<number | string | null>;
}

export interface FilesElsewhere {
  source: string;
  path: string;
  bound_to: string | null;
}

/** GET version?ref=digits:3 */
export interface VersionPayload {
  id: string;
  model: string;
  number: number | string;
  state: VersionState;
  notice: string | null;
  /** What was compared, in words: "names and sizes of 5 files; contents were not read". */
  checked: string | null;
  files_changed: { path: string; what: "missing" | "extra" | "size" }[];
  /** Folder relative to the folder given on the command line, with that folder in front; null where unknown. */
  folder: string | null;
  /** Where files lie that are not beside the manifest: a path below a source, and the folder that this is here; null where nobody said. */
  elsewhere?: FilesElsewhere | null;
  /** The event file's copy is shown because the manifest itself can't be reached. */
  from_event: boolean;
  /** Those that the run logged, where the manifest has none; absent in exports of earlier releases. */
  run_hyperparameters?: Record<string, string | number | boolean> | null;
  /** Name of the metric by which the author chooses; absent in exports of earlier releases. */
  lead_metric?: string | null;
  /** What was said of it later, its texts whole; null or absent: nothing was. */
  said?: Partial<VersionSaid> | null;
  /** "not replayed since TensorFlow changed (…)"; absent where it did not, or that is not known, and in exports. */
  not_replayed?: string;
  /** Whether it can be trusted, as it is now; absent in exports of earlier releases. */
  trust?: TrustRow[];
  runs: { name: string; step: number | null; wall_time: number | null; known: boolean }[];
  metrics: MetricDetail[];
  /** Absent in exports of earlier releases. */
  slices?: SliceGroup[];
  lineage: {
    parents: { ref: string; relation: string; known: boolean }[];
    children: { ref: string; relation: string }[];
    same_run: string[];
    same_content: string[];
    /** Models whose versions were looked at for that; absent where all were. */
    looked_in?: string[];
  };
  /** Sha256 of the manifest file itself. */
  manifest_digest: string;
  /** The manifest as on disk: the proto3 JSON mapping of docs/manifest-format.md (camelCase keys, 64-bit integers as strings), unknown fields too. null where damaged, where a field breaks the schema, or nested too deep: `notice` says why. */
  manifest: Manifest | null;
  /** The manifest's exact text, for copy and download. Damaged ones too, as far as readable. */
  manifest_text: string;
  /** Only in an export: what was taken out of the manifest, in words; its text is then written anew from `manifest`. */
  redacted?: string[];
}

/** One thing that is known of whether a version can be trusted, or that it is not known. */
export interface TrustRow {
  /** "files", "signature", "replay", "gate release". */
  what: string;
  /** "verified", "changed", "not checked", "claimed" …, as docs/http-api.md has them. */
  state: string;
  tone: "good" | "bad" | "warn" | "dim";
  /** A sentence. */
  words: string;
}

/** docs/manifest-format.md has every field; the page uses these. Any may be absent. */
export interface Manifest {
  schemaVersion: number;
  model: string;
  number: string;
  semanticVersion?: string;
  created?: string; // RFC 3339
  createdBy?: string;
  description?: string; // Markdown
  labels?: Record<string, string>;
  hyperparameters?: Record<string, string | number | boolean | null>;
  imported?: {
    tracker?: string;
    store?: string;
    key?: string;
    model?: string;
    version?: string;
    files?: "COPIED" | "LINKED" | "ABSENT";
    modelDescription?: string;
    modelLabels?: Record<string, string>;
    notes?: string[];
  };
  golden?: {
    digest?: string;
    size?: string;
    signatures?: string[];
    tensorflow?: string;
    compared?: "SAME" | "DIFFERENT" | "NOT_COMPARED";
    maxError?: number | string;
    notes?: string[];
  };
  datasets?: { name?: string; uri?: string; digest?: string; rows?: string; split?: string; digestOf?: string }[];
  code?: {
    commit?: string;
    branch?: string;
    remote?: string;
    dirty?: boolean;
    dirtyFiles?: string[];
    diff?: string;
    diffTruncated?: boolean;
    entryPoint?: string;
    arguments?: string[];
  };
  environment?: {
    python?: string;
    os?: string;
    tensorflow?: string;
    keras?: string;
    numpy?: string;
    cuda?: string;
    cudnn?: string;
    packages?: Record<string, string>;
  };
  hardware?: {
    cpu?: string;
    cores?: number;
    logicalCores?: number;
    memoryBytes?: string;
    gpus?: { name?: string; memoryBytes?: string }[];
  };
  seeds?: Record<string, string>;
  trainingSeconds?: number | string;
  /** What nobody stated, and the evidence for it. */
  inferred?: { field?: string; evidence?: string }[];
  format?: string; // "saved_model" | "files" | …
  savedModel?: {
    metaGraphs?: {
      tags?: string[];
      tensorflowVersion?: string;
      signatures?: {
        key: string;
        method?: string;
        inputs?: { name: string; dtype?: string; shape?: { dimensions?: string[]; unknownRank?: boolean }; tensor?: string }[];
        outputs?: { name: string; dtype?: string; shape?: { dimensions?: string[]; unknownRank?: boolean }; tensor?: string }[];
      }[];
      ops?: Record<string, number>;
    }[];
    variables?: { name: string; dtype?: string; shape?: { dimensions?: string[]; unknownRank?: boolean }; trainable?: boolean }[];
    variablesOmitted?: number;
    parameterCount?: string;
    fingerprint?: {
      savedModelChecksum?: string;
      graphDefProgramHash?: string;
      signatureDefHash?: string;
      savedObjectGraphHash?: string;
      checkpointHash?: string;
    };
  };
  files?: { path: string; size?: string; digest?: string }[];
  /** In place of `files` where there are more than 1,000: a list beside the manifest, which the tab does not read. */
  fileList?: { path?: string; digest?: string; count?: string | number };
  digest?: string;
  sizeBytes?: string;
}

/** GET models */
export interface ModelsPayload {
  schema_version: 1;
  revision: string;
  models: {
    name: string;
    versions: number;
    latest: number | string;
    latest_created: number | null;
    damaged: number;
    /** That the newest version names. */
    lead_metric?: string | null;
  }[];
}

/** GET scalars?run=…&run=…&tag=…&max_points=1000 : every asked run × tag that exists. */
export interface ScalarsPayload {
  series: { run: string; tag: string; steps: number[]; wall_times: number[]; values: WireNumber[]; sampled: boolean }[];
  /** Asked for, but not there. */
  missing: { run: string; tag: string }[];
}

/** Every 4xx and 5xx has this body. */
export interface ErrorPayload {
  error: string;
}

/** What a row's cell may hold. Integers above 2^53 travel as strings. */
export type CompareValue = string | number | boolean | null;

export type CompareGroup =
  | "metrics"
  | "slices"
  | "measured" // measured after publishing; the page adds it from its table
  | "gates" // what gates found; the page adds it from the history
  | "hyperparameters"
  | "signature"
  | "graph"
  | "data"
  | "code"
  | "environment"
  | "hardware"
  | "files"
  | "labels"
  | "lineage";

export interface CompareMember {
  /** What `member=` finds it by: "digits:3", "run:mlp-wide". */
  id: string;
  /** "folder" comes from the command line only. */
  kind: "version" | "run" | "folder";
  /** For people: "digits 3", "run mlp-wide". */
  label: string;
  model: string | null;
  number: number | string | null;
  semantic_version: string | null;
  /** Absent in exports of earlier releases. */
  aliases?: string[];
  created: number | null; // ms since the epoch, UTC
  /** Name of the metric by which the author chooses. */
  lead_metric?: string | null;
  state: VersionState | null;
  /** Why something of it could not be read. */
  notice: string | null;
  /** The first is the one it was exported from; `step` is that of the export. */
  runs: { name: string; step: number | string | null; wall_time: number | null; known: boolean }[];
  /** Trainings that differ in their seed only: references, or "run:…". */
  siblings: string[];
}

/** What noise says of a difference to the baseline; all the numbers that decided. */
export interface CompareNoise {
  verdict: "better" | "worse" | "within noise" | "unknown";
  /**
   * "seeds": means over seeds; "curves": late part of the curves; "intervals": those of the two values; "same recipe": only
   * the seeds differ; "": no test.
   */
  method: "seeds" | "curves" | "intervals" | "same recipe" | "";
  /** Trainings (or points) of the baseline and of the member. */
  n: [number, number];
  /** That was tested: of the means for "seeds", of the values for "curves". */
  difference: WireNumber | null;
  /** Noise explains differences up to this one. */
  threshold: WireNumber | null;
  /** Standard deviation of one value. */
  spread: WireNumber | null;
  degrees: WireNumber | null;
  confidence: number;
  words: string;
}

/** `details` of a cell in "metrics"; all but the last six only where the member has the metric. */
export interface CompareMetricDetails {
  /** "last" for runs without a version; "": there is a curve but no value at export. */
  point: "at export" | "last" | "";
  step: number | string | null;
  at_export: WireNumber | null;
  best: WireNumber | null;
  best_step: number | string | null;
  last: WireNumber | null;
  last_step: number | string | null;
  source: MetricSource;
  /** The curve to draw; null where there is none. */
  run: string | null;
  tag: string | null;
  regret: string | null;
  /** These two as in `MetricDetail`. */
  why_not: string | null;
  sample: number | null;
  /** From here on: absent in the baseline's cell and where the baseline has no value. */
  difference?: WireNumber | null;
  relative?: WireNumber | null;
  /** By the goal alone, without regard to noise. "higher"/"lower": the goal is unknown. */
  direction?: "better" | "worse" | "equal" | "higher" | "lower" | "unknown";
  is_comparable?: boolean;
  /** In a few words, for a chip: "better", "within noise", "better, noise not known". */
  judgement?: string;
  noise?: CompareNoise;
}

/** `details` of a cell in "slices"; of a row that counts slices there are none. */
export interface CompareSliceDetails {
  examples: number | string | null;
  /** So few examples that it is marked. */
  is_few: boolean;
  lower: WireNumber | null;
  upper: WireNumber | null;
  confidence: WireNumber | null;
  source: MetricSource;
  /** From here on: absent in the baseline's cell and where the baseline lacks the slice. */
  difference?: WireNumber | null;
  /** How much worse, positive for a loss; by size where the goal is unknown. null: a value is not finite. */
  loss?: WireNumber | null;
  direction?: "better" | "worse" | "equal" | "higher" | "lower" | "unknown";
  is_comparable?: boolean;
  judgement?: string;
  method?: "intervals" | "same recipe" | "";
}

/** `details` of a cell in "signature". */
export interface CompareSignatureDetails {
  changes?: { weight: "breaking" | "caution" | "note"; text: string }[];
}

/** `details` of the cell "graph" in "graph". */
export interface CompareGraphDetails {
  basis?: "digest" | "fingerprint" | "parsed graph" | "";
  added?: string[];
  removed?: string[];
  reshaped?: { name: string; before: string; after: string }[];
  renamed?: { before: string; after: string }[];
  ops?: { op: string; before: number; after: number }[];
}

/** `details` of the cell "commit" in "code": links to known hosts only, always https. */
export interface CompareCommitDetails {
  link?: string | null;
  compare?: string | null;
}

export interface CompareCell {
  text: string;
  /** For "diff" in "code" the whole text. */
  value: CompareValue;
  /** The member has no such fact. */
  absent: boolean;
  /** false: not known (a run has no signature); such a cell never counts as a difference. */
  known: boolean;
  /** Against the baseline; the words depend on the group, docs/http-api.md lists them. */
  verdict: string | null;
  /** Sentences behind the verdict, for a hover. */
  reasons: string[];
  details:
    | CompareMetricDetails
    | CompareSliceDetails
    | CompareSignatureDetails
    | CompareGraphDetails
    | CompareCommitDetails
    | Record<string, unknown>;
}

export interface CompareRow {
  group: CompareGroup;
  /** Unique in the group. "" is the group as a whole ("signature", "data"). */
  key: string;
  label: string;
  differs: boolean;
  /** Why the cells must not simply be compared. */
  caution: string | null;
  /**
   * Of "metrics" and "slices": `goal` ("max", "min", "unknown") and `goal_source` ("caller", "manifest", "inferred",
   * "unknown"). Of "slices" too: the metric, its dataset, the slice, and the largest loss against the baseline. A row that
   * counts slices has none of these.
   */
  details: {
    goal?: "max" | "min" | "unknown";
    goal_source?: "caller" | "manifest" | "inferred" | "unknown";
    name?: string;
    dataset?: string;
    slice?: string;
    loss?: WireNumber | null;
  };
  /** One for each of `members`. */
  cells: CompareCell[];
}

/** GET compare?member=digits:3&member=run:foo&baseline=digits:3&goal=spikes=min; also `tb-versions compare --json`. */
export interface ComparePayload {
  schema_version: 1;
  revision: string;
  /** One paragraph of plain text. */
  summary: string;
  /** Position in `members`. */
  baseline: number;
  members: CompareMember[];
  /** Groups that have rows, in the order in which they are shown. */
  groups: { key: CompareGroup; label: string; rows: number; differing: number }[];
  rows: CompareRow[];
  differing: number;
  equal: number;
  problems: string[];
}

/** `[step, value]` */
export type WirePoint = [number | string, WireNumber];

/** Groups of finished cells; "seeds" are of the group "hyperparameters". */
export type ComparePart = Exclude<CompareGroup, "metrics" | "slices" | "measured" | "gates"> | "seeds";

/** A cell that Python finished, without what is usual; its text is its value where it has none. null: nobody can say. */
export type FinishedCell = (Partial<Omit<CompareCell, "value">> & { value: CompareValue }) | null;

/** By the row's key. A row that is not there is absent. */
export type FinishedCells = [string, FinishedCell][];

/** What is compared of a graph. */
export interface Architecture {
  /** Name to type and shape: "float32[64,10]". */
  variables: Record<string, string>;
  /** Name to the name without what depends on when and where the model was built, where that is another one. */
  uncounted: Record<string, string>;
  ops: Record<string, number>;
  is_parsed: boolean;
  /** Number of variables beyond those that are listed. */
  omitted: number;
}

/** `comparing` of a version in an export, and what it has of a run: docs/export-format.md says more. */
export interface PortableFacts {
  member: CompareMember;
  /** Equal for members that differ in their seeds only; "" where nobody can say. */
  recipe: string;
  /** By metric's key, of the member and its siblings: number of trainings, mean, root of the mean square of what they differ from it. */
  seeds: Record<string, [number, WireNumber, WireNumber]>;
  /** By metric's key. */
  curves: Record<
    string,
    {
      /** Where the metric's `best` is not it. */
      highest?: WirePoint;
      lowest?: WirePoint;
      /** Of a single point of the curve's late part: deviation, degrees of freedom, points looked at. null: it does not tell; absent: no curve. */
      spread?: [WireNumber, WireNumber, number] | null;
      /** Of the data that it was measured on. */
      digest?: string;
    }
  >;
  /** Of a run; those of a version are in its details. */
  metrics: MetricDetail[] | null;
  /** Finished cells; a number is the position in `parts` of the shared facts. null: nobody can say which rows there are. */
  parts: Record<ComparePart, FinishedCells | number | null>;
  /** Position in `parts.packages` of the shared facts. */
  packages: number | null;
  /** Position in `parts.architecture` of the shared facts. */
  architecture: number | null;
  /** What stands for graph and weights: the digest where there is one. */
  graph: string | null;
  /** Equal for equal files of the graph, for equal weights by their fingerprint, by their files; "" where nobody can say. */
  prints: [graph: string, checkpoint: string, variables: string];
  /** Address of what lies between another commit, in the place of "{old}", and the member's. */
  range: string | null;
  /** Model, number, and how it was made from it: "fine-tuned from". */
  parents: [string, number | string, string][];
}

/** What members share: `shared` of the section `facts`. */
export interface SharedFacts {
  /** Part, key and label of the rows that every comparison has, in their order. */
  rows: [ComparePart, string, string][];
  parts: { [part: string]: unknown[] | undefined; packages?: Record<string, string>[]; architecture?: Architecture[] };
  /** What changes for clients, by the positions of the baseline's and the other's signatures, and by signature; "" has all. */
  changes: Record<string, Record<string, Record<string, [weight: string, text: string][]>>>;
}
