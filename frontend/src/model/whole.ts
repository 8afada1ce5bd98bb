/**
 * The table as one: each column from the first row to the last, made of the parts of its blocks. Pure.
 *
 * A column is put together when it is first asked for: most are never shown, sorted or searched.
 */
import type { Coded, Columns, Dataset, MetricColumn, MetricHead, Part, TableHead, Value, WireNumber } from "../api/types";

/** Numbers of some rows; NaN where they are absent, and where they are NaN. */
export interface NumberCells {
  kind: "number";
  values: Float64Array;
  absent: Uint8Array;
}

export type Numbers = NumberCells | readonly (WireNumber | string | null)[];

export interface Metric extends MetricHead {
  readonly at_export: Numbers;
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
}

export function numberCells(source: Numbers): NumberCells {
  if ("kind" in source) return source;
  const values = new Float64Array(source.length);
  const absent = new Uint8Array(source.length);
  for (let i = 0; i < source.length; i++) {
    const value = source[i];
    if (value === null || value === undefined) {
      absent[i] = 1;
      values[i] = Number.NaN;
    } else values[i] = typeof value === "number" ? value : Number(value);
  }
  return { kind: "number", values, absent };
}

const isNumeric = (values: readonly Value[]): values is (number | null)[] =>
  values.every((each) => each === null || typeof each === "number");

interface KnownMetric extends Pick<MetricColumn, "regret" | "why_not" | "sample"> {
  at_export?: NumberCells;
  best?: NumberCells;
  last?: NumberCells;
}

/** What is kept of a part: its numbers take a third of the memory. */
export interface KnownPart {
  digest: string;
  columns: Partial<Columns>;
  runs: string[];
  datasets: Dataset[];
  /** By the metric's key. */
  metrics: Map<string, KnownMetric>;
  hyperparameters: Map<string, NumberCells | Value[]>;
  labels: Map<string, NumberCells | Value[]>;
}

export function knownPart({ digest, columns, runs = [], datasets = [], metrics = [], ...values }: Part): KnownPart {
  const named = (list: Part["labels"] = []): Map<string, NumberCells | Value[]> =>
    new Map(list.map((each) => [each.name, isNumeric(each.values) ? numberCells(each.values) : each.values]));
  const kept = metrics.map(({ key, at_export, best, last, regret, why_not, sample }) => {
    const own: KnownMetric = {
      ...(at_export && { at_export: numberCells(at_export) }),
      ...(best && { best: numberCells(best) }),
      ...(last && { last: numberCells(last) }),
      ...(regret && { regret }),
      ...(why_not && { why_not }),
      ...(sample && { sample }),
    };
    return [key, own] as const;
  });
  const [hyperparameters, labels] = [named(values.hyperparameters), named(values.labels)];
  return { digest, columns, runs, datasets, metrics: new Map(kept), hyperparameters, labels };
}

interface Block {
  rows: number;
  parts: KnownPart[];
}

/** The parts of the table's blocks; null where one is not known. */
export function blocksOf(head: TableHead, known: ReadonlyMap<string, KnownPart>): Block[] | null {
  const blocks: Block[] = [];
  for (const { rows, parts } of head.blocks) {
    const found = parts.flatMap((digest) => known.get(digest) ?? []);
    if (found.length < parts.length) return null;
    blocks.push({ rows, parts: found });
  }
  return blocks;
}

/** Makes a property that is computed when it is first read. */
function lazy<T extends object, K extends keyof T>(object: T, name: K, make: () => T[K]): void {
  const keep = (value: T[K]): T[K] => {
    Object.defineProperty(object, name, { value, writable: true, configurable: true, enumerable: true });
    return value;
  };
  Object.defineProperty(object, name, { get: () => keep(make()), set: keep, configurable: true, enumerable: true });
}

/** A column of each block, one behind the other; `fill` where a block has none. */
function joined<T>(blocks: Block[], of: (part: KnownPart) => T[] | undefined, fill: T): T[] {
  return ([] as T[]).concat(...blocks.map(({ rows, parts }) => first(parts, of) ?? new Array<T>(rows).fill(fill)));
}

function first<T>(parts: KnownPart[], of: (part: KnownPart) => T | undefined): T | undefined {
  for (const part of parts) {
    const found = of(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

function joinedCodes(blocks: Block[], of: (part: KnownPart) => Coded | undefined): Coded {
  const index = new Map<string, number>();
  const codes = blocks.map(({ rows, parts }) => {
    const own = first(parts, of);
    if (!own) return new Array<number>(rows).fill(-1);
    for (const text of own.values) if (!index.has(text)) index.set(text, index.size);
    const whole = own.values.map((text) => index.get(text) as number);
    return own.codes.map((code) => whole[code] ?? -1);
  });
  return { values: [...index.keys()], codes: ([] as number[]).concat(...codes) };
}

/** Numbers of each block; where several parts of a block have some, the first that has one for a row. */
function joinedNumbers(blocks: Block[], of: (part: KnownPart) => NumberCells | undefined): NumberCells {
  const count = blocks.reduce((sum, { rows }) => sum + rows, 0);
  const values = new Float64Array(count).fill(Number.NaN);
  const absent = new Uint8Array(count).fill(1);
  let start = 0;
  for (const { rows, parts } of blocks) {
    let isFirst = true;
    for (const own of parts.flatMap((part) => of(part) ?? [])) {
      if (isFirst) {
        values.set(own.values, start);
        absent.set(own.absent, start);
      } else fillUp(values.subarray(start, start + rows), absent.subarray(start, start + rows), own);
      isFirst = false;
    }
    start += rows;
  }
  return { kind: "number", values, absent };
}

function fillUp(values: Float64Array, absent: Uint8Array, more: NumberCells): void {
  for (let row = 0; row < absent.length; row++) {
    if (!absent[row] || more.absent[row]) continue;
    values[row] = more.values[row] as number;
    absent[row] = 0;
  }
}

/** A hyperparameter or a label; where several parts of a block have it, the first that has a value for a row. */
function joinedValues(blocks: Block[], of: (part: KnownPart) => NumberCells | Value[] | undefined): NumberCells | Value[] {
  const own = blocks.map(({ parts }) => parts.map(of).filter((each) => each !== undefined));
  if (own.every((several) => several.every((each) => "kind" in each))) {
    return joinedNumbers(blocks, (part) => of(part) as NumberCells | undefined);
  }
  const lists = own.map((several, at) => {
    const values = several.map(listed);
    return Array.from({ length: blocks[at]?.rows ?? 0 }, (_, row): Value => values.find((each) => each[row] != null)?.[row] ?? null);
  });
  return ([] as Value[]).concat(...lists);
}

function listed(values: NumberCells | Value[]): Value[] {
  return "kind" in values ? Array.from(values.values, (value, row) => (values.absent[row] ? null : value)) : values;
}

/** Lists of positions, each part's own turned into those of the table; equal ones are one object. */
function joinedPlaces(
  blocks: Block[],
  of: (part: KnownPart) => number[][] | undefined,
  places: (part: KnownPart) => readonly number[],
): number[][] {
  const lists = blocks.map(({ rows, parts }) => {
    const part = parts.find((each) => of(each) !== undefined);
    if (!part) return new Array<number[]>(rows).fill([]);
    const whole = places(part);
    const made = new Map<string, number[]>();
    return (of(part) as number[][]).map((own) => {
      const key = own.join();
      const known = made.get(key) ?? own.map((at) => whole[at] ?? -1);
      made.set(key, known);
      return known;
    });
  });
  return ([] as number[][]).concat(...lists);
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
const CODED = ["model", "state", "framework", "lead_metric"] as const;

function columnsOf(blocks: Block[], runs: string[], datasets: Dataset[]): Columns {
  const columns = {} as Columns;
  for (const [name, fill] of Object.entries(FILLS)) {
    const of = (part: KnownPart): unknown[] | undefined => part.columns[name as keyof typeof FILLS];
    lazy(columns as unknown as Record<string, unknown[]>, name, () => joined<unknown>(blocks, of, fill));
  }
  for (const name of CODED) lazy(columns, name, () => joinedCodes(blocks, (part) => part.columns[name]));
  const runsOf = positions(
    (part) => part.runs,
    (name) => name,
    runs,
  );
  const dataOf = positions((part) => part.datasets, dataKey, datasets);
  lazy(columns, "runs", () => joinedPlaces(blocks, (part) => part.columns.runs, runsOf));
  lazy(columns, "run", () => columns.runs.map((linked) => linked[0] ?? -1));
  lazy(columns, "datasets", () => joinedPlaces(blocks, (part) => part.columns.datasets, dataOf));
  return columns;
}

function metricOf(head: MetricHead, blocks: Block[]): Metric {
  const metric = { ...head } as Metric;
  const own = (part: KnownPart): KnownMetric | undefined => part.metrics.get(head.key);
  const has = (field: keyof KnownMetric): boolean => blocks.some(({ parts }) => parts.some((part) => own(part)?.[field] !== undefined));
  lazy(metric, "at_export", () => joinedNumbers(blocks, (part) => own(part)?.at_export));
  if (has("best")) lazy(metric, "best", () => joinedNumbers(blocks, (part) => own(part)?.best));
  if (has("last")) lazy(metric, "last", () => joinedNumbers(blocks, (part) => own(part)?.last));
  if (has("regret")) lazy(metric, "regret", () => joined<string | null>(blocks, (part) => own(part)?.regret, null));
  if (has("why_not")) lazy(metric, "why_not", () => joined<string | null>(blocks, (part) => own(part)?.why_not, null));
  if (has("sample")) {
    lazy(metric, "sample", () => joined<number | null>(blocks, (part) => own(part)?.sample, null));
    lazy(metric, "sample_at_export", () => joined<number | null>(blocks, (part) => sampleAtExport(own(part)), null));
  }
  return metric;
}

/** A part that has a sample has a value at export only where the manifest has none. */
function sampleAtExport(metric: KnownMetric | undefined): (number | null)[] | undefined {
  return metric?.sample?.map((points, row) => (metric.at_export && !metric.at_export.absent[row] ? points : null));
}

function valuesOf(name: string, blocks: Block[], kind: "hyperparameters" | "labels"): Values {
  const column = { name } as Values;
  lazy(column, "values", () => joinedValues(blocks, (part) => part[kind].get(name)));
  return column;
}

export function wholeOf(head: TableHead, blocks: Block[]): Whole {
  const runs = [...new Set(blocks.flatMap(({ parts }) => parts.flatMap((part) => part.runs)))].sort(byCodePoint);
  const found = blocks.flatMap(({ parts }) => parts.flatMap((part) => part.datasets));
  const datasets = [...new Map(found.map((data) => [dataKey(data), data])).values()];
  const { revision, status, looked_in, problems, unregistered, unregistered_in } = head;
  return {
    ...{ revision, status, looked_in, problems, unregistered, unregistered_in },
    ...{ runs, datasets },
    columns: columnsOf(blocks, runs, datasets),
    metrics: head.metrics.map((metric) => metricOf(metric, blocks)),
    hyperparameters: head.hyperparameters.map(({ name }) => valuesOf(name, blocks, "hyperparameters")),
    labels: head.labels.map(({ name }) => valuesOf(name, blocks, "labels")),
  };
}
