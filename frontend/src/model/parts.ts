/** The parts of the table as the page keeps them: numbers take a third of their memory. Pure. */
import type { Coded, Columns, Dataset, MetricColumn, Part, TableHead, Value, WireNumber } from "../api/types";

/** Numbers of some rows; NaN where they are absent, and where they are NaN. */
export interface NumberCells {
  kind: "number";
  values: Float64Array;
  absent: Uint8Array;
}

/** A text for each row; `codes` is null where all rows with a number have the one text. */
export interface Sources {
  values: string[];
  codes: Uint8Array | null;
}

export type Numbers = NumberCells | readonly (WireNumber | string | null)[];

const cellsOf = new WeakMap<object, NumberCells>();

/** The same object for the same list. */
export function numberCells(source: Numbers): NumberCells {
  if ("kind" in source) return source;
  const cells = cellsOf.get(source) ?? madeCells(source);
  cellsOf.set(source, cells);
  return cells;
}

function madeCells(source: Exclude<Numbers, NumberCells>): NumberCells {
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

export interface KnownMetric extends Pick<MetricColumn, "regret" | "why_not" | "sample"> {
  at_export?: NumberCells;
  /** One text: that of all rows with a value. */
  source?: Coded | string;
  best?: NumberCells;
  last?: NumberCells;
}

/** What is kept of a part. */
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
  const kept = metrics.map(({ key, at_export, source, best, last, regret, why_not, sample }) => {
    const own: KnownMetric = {
      ...(at_export && { at_export: numberCells(at_export) }),
      ...(source !== undefined && { source }),
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

export interface Block {
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
