/**
 * The table as one: each column from the first row to the last, made of the parts of its blocks. Pure.
 *
 * A column is put together when it is first asked for: most are never shown, sorted or searched.
 */
import type { Registry } from "../api/registry";
import type { Columns, Dataset, MetricHead, TableHead, Value } from "../api/types";
import { joined, joinedCodes, joinedNumbers, joinedPlaces, joinedSources, joinedValues, sourcesOf } from "./joined";
import { Kept } from "./kept";
import type { Block, KnownMetric, KnownPart, NumberCells, Numbers, Sources } from "./parts";

export interface Metric extends MetricHead {
  readonly at_export: Numbers;
  /** Where the values at export are from; absent in what tests make. */
  readonly source?: Sources;
  /** These are absent where no version has a curve for the metric. */
  readonly best?: Numbers | undefined;
  readonly last?: Numbers | undefined;
  readonly regret?: (string | null)[] | undefined;
  /** Why the value at export is not known; absent where no version has such a reason. */
  readonly why_not?: (string | null)[] | undefined;
  /** Number of points where best and last come from a sample of the curve; absent where every curve was read whole. */
  readonly sample?: (number | null)[] | undefined;
  /** The same where the value at export comes from a sample. */
  readonly sample_at_export?: (number | null)[] | undefined;
}

export interface Values {
  name: string;
  readonly values: NumberCells | Value[];
}

export interface Whole extends Pick<TableHead, "revision" | "status" | "looked_in" | "problems" | "unregistered"> {
  unregistered_in?: string[];
  /** Names as in TensorBoard; `columns.run` and `columns.runs` index into it. */
  runs: string[];
  datasets: Dataset[];
  columns: Columns;
  metrics: Metric[];
  hyperparameters: Values[];
  labels: Values[];
  /** What was said later; null: nothing can be known of it, as in exports of earlier releases. */
  registry: Registry | null;
}

/** Makes a property that is computed when it is first read. */
export function lazy<T extends object, K extends keyof T>(object: T, name: K, make: () => T[K]): void {
  const keep = (value: T[K]): T[K] => {
    Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: true });
    return value;
  };
  Object.defineProperty(object, name, { get: () => keep(make()), set: keep, configurable: true, enumerable: true });
}

/** The positions of a part's names in those of the table. */
function positions<T>(names: (part: KnownPart) => T[], keyOf: (name: T) => string, all: readonly T[]): (part: KnownPart) => number[] {
  const index = new Map(all.map((name, at) => [keyOf(name), at]));
  return (part) => names(part).map((name) => index.get(keyOf(name)) ?? -1);
}

const byCodePoint = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const dataKey = ({ name, digest, split }: Dataset): string => JSON.stringify([name, digest, split]);

/** By column what stands where a block has nothing. */
const FILLS = {
  id: "",
  number: 0,
  semantic_version: null,
  description: null,
  aliases: [],
  created: null,
  run_known: false,
  run_hyperparameters: false,
  from_run: false,
  step: null,
  size: null,
  parameters: null,
  digest: null,
  notice: null,
  parents: [],
  relations: [],
  recipe: -1,
  seeds: -1,
} as const;
const CODED = ["model", "state", "framework", "lead_metric", "sources", "unstated"] as const;

/** Makes columns of blocks; those that follow from the same parts as in the table before are the same objects. */
class Maker {
  private readonly blocks: Block[];
  private readonly kept: Kept;
  /** The blocks have some of the rows only. */
  readonly isPart: boolean;

  constructor(blocks: Block[], kept: Kept, isPart: boolean) {
    this.blocks = blocks;
    this.kept = kept;
    this.isPart = isPart;
  }

  /** `more`: what it follows from beside the parts. */
  make<P, T>(name: string, join: (blocks: Block[], of: (part: KnownPart) => P) => T, of: (part: KnownPart) => P, more: unknown[] = []): T {
    return this.kept.of(name, [...more, ...sourcesOf(this.blocks, of)], () => join(this.blocks, of));
  }

  list<T>(name: string, of: (part: KnownPart) => T[] | undefined, fill: T): T[] {
    return this.make(name, (blocks) => joined(blocks, of, fill), of);
  }

  has(of: (part: KnownPart) => unknown): boolean {
    return this.blocks.some(({ parts }) => parts.some((part) => of(part) !== undefined));
  }

  /** Equal lists are one. */
  names<T>(name: string, found: T[], keyOf: (one: T) => string): T[] {
    return this.kept.of(name, found.map(keyOf), () => found);
  }

  /** Of the table's columns what follows from another one. */
  from<T>(name: string, source: unknown, make: () => T): T {
    return this.kept.of(name, [source], make);
  }
}

function columnsOf(maker: Maker, runs: string[], datasets: Dataset[]): Columns {
  const columns = {} as Columns;
  for (const [name, fill] of Object.entries(FILLS)) {
    const of = (part: KnownPart): unknown[] | undefined => part.columns[name as keyof typeof FILLS];
    lazy(columns as unknown as Record<string, unknown[]>, name, () => maker.list<unknown>(name, of, fill));
  }
  for (const name of CODED) lazy(columns, name, () => maker.make(name, joinedCodes, (part) => part.columns[name]));
  const runsOf = positions(
    (part) => part.runs,
    (name) => name,
    runs,
  );
  const dataOf = positions((part) => part.datasets, dataKey, datasets);
  const places = (name: "runs" | "datasets", all: unknown, of: (part: KnownPart) => number[]): number[][] =>
    maker.make<number[][] | undefined, number[][]>(
      name,
      (blocks, own) => joinedPlaces(blocks, own, of),
      (part): number[][] | undefined => part.columns[name],
      [all],
    );
  lazy(columns, "runs", () => places("runs", runs, runsOf));
  lazy(columns, "run", () => maker.from("run", columns.runs, () => columns.runs.map((linked) => linked[0] ?? -1)));
  lazy(columns, "datasets", () => places("datasets", datasets, dataOf));
  return columns;
}

function metricOf(head: MetricHead, maker: Maker): Metric {
  const metric = { ...head } as Metric;
  const name = (field: string): string => `metric ${field} ${head.key}`;
  const own =
    <F extends keyof KnownMetric>(field: F) =>
    (part: KnownPart): KnownMetric[F] =>
      part.metrics.get(head.key)?.[field];
  const numbers = (field: "at_export" | "best" | "last"): NumberCells => maker.make(name(field), joinedNumbers, own(field));
  lazy(metric, "at_export", () => numbers("at_export"));
  const metrics = (part: KnownPart): KnownMetric | undefined => part.metrics.get(head.key);
  lazy(metric, "source", () => maker.make(name("source"), (blocks, of) => joinedSources(blocks, of, maker.isPart), metrics));
  if (maker.has(own("best"))) lazy(metric, "best", () => numbers("best"));
  if (maker.has(own("last"))) lazy(metric, "last", () => numbers("last"));
  if (maker.has(own("regret"))) lazy(metric, "regret", () => maker.list<string | null>(name("regret"), own("regret"), null));
  if (maker.has(own("why_not"))) lazy(metric, "why_not", () => maker.list<string | null>(name("why_not"), own("why_not"), null));
  if (maker.has(own("sample"))) {
    lazy(metric, "sample", () => maker.list<number | null>(name("sample"), own("sample"), null));
    const atExport = (part: KnownPart): (number | null)[] | undefined => sampleAtExport(part.metrics.get(head.key));
    lazy(metric, "sample_at_export", () => maker.list(name("sample_at_export"), atExport, null));
  }
  return metric;
}

/** A part that has a sample has a value at export only where the manifest has none. */
function sampleAtExport(metric: KnownMetric | undefined): (number | null)[] | undefined {
  return metric?.sample?.map((points, row) => (metric.at_export && !metric.at_export.absent[row] ? points : null));
}

function valuesOf(name: string, maker: Maker, kind: "hyperparameters" | "labels"): Values {
  const column = { name } as Values;
  lazy(column, "values", () => maker.make(`${kind} ${name}`, joinedValues, (part) => part[kind].get(name)));
  return column;
}

/** `kept`: remembers the columns of the table before. */
export function wholeOf(head: TableHead, blocks: Block[], kept = new Kept()): Whole {
  const maker = new Maker(blocks, kept, head.status === "windowed");
  const named = [...new Set(blocks.flatMap(({ parts }) => parts.flatMap((part) => part.runs)))].sort(byCodePoint);
  const runs = maker.names("names of runs", named, (name) => name);
  const found = blocks.flatMap(({ parts }) => parts.flatMap((part) => part.datasets));
  const datasets = maker.names("all datasets", [...new Map(found.map((data) => [dataKey(data), data])).values()], dataKey);
  const { revision, status, looked_in, problems, unregistered, unregistered_in } = head;
  return {
    ...{ revision, status, looked_in, problems, unregistered, unregistered_in },
    ...{ runs, datasets },
    columns: columnsOf(maker, runs, datasets),
    metrics: head.metrics.map((metric) => metricOf(metric, maker)),
    hyperparameters: head.hyperparameters.map(({ name }) => valuesOf(name, maker, "hyperparameters")),
    labels: head.labels.map(({ name }) => valuesOf(name, maker, "labels")),
    registry: null,
  };
}
