/** A column as an axis: its scale, and the values that have no place on it. Pure. */
import type { Column } from "../columns";
import { linearTicks, logTicks, type Ticks, wallTicks } from "../curves/ticks";
import { Kept } from "../kept";
import { type Special, specialOf, textOf } from "./brush";

export interface Axis {
  column: Column;
  kind: "numbers" | "texts";
  /** See `isLogarithmic`. */
  log: boolean;
  /** Of the finite numbers; NaN where there are none. */
  low: number;
  high: number;
  whole: boolean;
  /** The values of a hyperparameter that has few, rising; else empty. */
  few: readonly number[];
  /** In the order of the axis. */
  texts: readonly { text: string; count: number }[];
  specials: readonly { special: Special; count: number }[];
}

export const LOG_FROM = 100;
const [MOST_FEW, FEW_LOG_FROM] = [10, 8];
const SPECIALS: readonly Special[] = ["none", "nan", "low", "high"];

/** "2" before "10", false before true. */
const byName = new Intl.Collator("en", { numeric: true });

function countSpecials(column: Column, rows: Uint32Array): Axis["specials"] {
  const counts = new Map<Special, number>();
  for (const row of rows) {
    const special = specialOf(column, row);
    if (special !== null) counts.set(special, (counts.get(special) ?? 0) + 1);
  }
  return SPECIALS.flatMap((special) => (counts.has(special) ? [{ special, count: counts.get(special) as number }] : []));
}

/** All different values, rising; empty where there are more than a few. */
function fewOf({ section }: Column, values: Float64Array, rows: Uint32Array): number[] {
  if (section !== "Hyperparameters" && section !== "Labels") return [];
  const seen = new Set<number>();
  for (const row of rows) {
    if (Number.isFinite(values[row] as number)) seen.add(values[row] as number);
    if (seen.size > MOST_FEW) return [];
  }
  return [...seen].sort((a, b) => a - b);
}

/** The smallest distance of two neighbours, as a share of the whole. */
function tightest(rising: readonly number[]): number {
  const gaps = rising.slice(1).map((value, index) => value - (rising[index] as number));
  return Math.min(...gaps) / ((rising.at(-1) as number) - (rising[0] as number));
}

/** Whether half of the numbers would crowd in the lowest quarter of a linear scale. */
function isSkewed(low: number, high: number, finite: Float64Array): boolean {
  const middle = finite.sort()[Math.floor((finite.length - 1) / 2)] as number;
  return (middle - low) / (high - low) < 0.25;
}

/**
 * Positive numbers over more than two powers of ten, most of them small: not those that are spread evenly from almost zero.
 * Or a few, such as 32, 64, 128, 256, that powers keep better apart.
 */
function isLogarithmic(low: number, high: number, few: readonly number[], finite: () => Float64Array): boolean {
  if (!(low > 0)) return false;
  if (few.length > 2 && high / low >= FEW_LOG_FROM && tightest(few.map(Math.log)) > 2 * tightest(few)) return true;
  return high / low > LOG_FROM && isSkewed(low, high, finite());
}

function numbers(column: Column, values: Float64Array, rows: Uint32Array): Pick<Axis, "low" | "high" | "log" | "whole" | "few"> {
  let [low, high, whole] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
  for (const row of rows) {
    const value = values[row] as number;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
    whole &&= Number.isInteger(value);
  }
  if (low > high) return { low: Number.NaN, high: Number.NaN, log: false, whole: false, few: [] };
  const few = fewOf(column, values, rows);
  const finite = (): Float64Array => Float64Array.from(rows, (row) => values[row] as number).filter(Number.isFinite);
  return { low, high, whole, few, log: column.role !== "date" && isLogarithmic(low, high, few, finite) };
}

function texts(column: Column, rows: Uint32Array): Axis["texts"] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    if (specialOf(column, row) !== null) continue;
    const text = textOf(column, row);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => ({ text, count })).sort((a, b) => byName.compare(a.text, b.text));
}

const known = new WeakMap<Uint32Array, Kept>();

/** The scale follows the given rows alone, so that a brush does not move it. The same axis for the same values and rows. */
export function buildAxis(column: Column, rows: Uint32Array): Axis {
  const kept = known.get(rows) ?? new Kept();
  known.set(rows, kept);
  return kept.of(column.id, [column.goal, column.cells.values], () => madeAxis(column, rows));
}

function madeAxis(column: Column, rows: Uint32Array): Axis {
  const { cells } = column;
  const specials = countSpecials(column, rows);
  if (cells.kind === "number") return { column, kind: "numbers", texts: [], specials, ...numbers(column, cells.values, rows) };
  const [low, high] = [Number.NaN, Number.NaN];
  return { column, kind: "texts", log: false, low, high, whole: false, few: [], texts: texts(column, rows), specials };
}

/** Where a finite number stands, from 0 to 1; the middle where all are equal. Halves, for a range may be beyond a double. */
export function share({ low, high, log }: Axis, value: number): number {
  if (low === high) return 0.5;
  if (log) return Math.log(value / low) / Math.log(high / low);
  return (value / 2 - low / 2) / (high / 2 - low / 2);
}

export function valueAt({ low, high, log }: Axis, at: number): number {
  if (low === high) return low;
  return log ? low * (high / low) ** at : low * (1 - at) + high * at;
}

/** The values themselves where they are few, else round numbers inside of the range. */
export function ticksOf({ column, low, high, log, whole, few }: Axis, most: number): Ticks {
  if (few.length > 0) return { at: [...few], label: (value) => String(Number(value.toPrecision(4))) };
  if (Number.isNaN(low)) return { at: [], label: String };
  if (column.role === "date") return wallTicks(low, high, most);
  return log ? logTicks(low, high, most) : linearTicks(low, high, most, whole);
}

/** "val_accuracy"; "loss (best)" for what is not the value at export. */
export function axisTitle({ title, caption }: Column): string {
  return caption === "" || caption === "at export" ? title : `${title} (${caption})`;
}
