/** A column as an axis: what its scale is, and what has no place on it. Pure. */
import type { Column } from "../columns";
import { linearTicks, logTicks, type Ticks, wallTicks } from "../curves/ticks";
import { type Special, specialOf, textOf } from "./brush";

export interface Axis {
  column: Column;
  kind: "numbers" | "texts";
  /** All numbers are positive and span more than two powers of ten. */
  log: boolean;
  /** Of the finite numbers; NaN where there are none. */
  low: number;
  high: number;
  whole: boolean;
  /** In the order of the axis. */
  texts: readonly { text: string; count: number }[];
  specials: readonly { special: Special; count: number }[];
}

const LOG_FROM = 100;
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

function numbers(column: Column, values: Float64Array, rows: Uint32Array): Pick<Axis, "low" | "high" | "log" | "whole"> {
  let [low, high, whole] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
  for (const row of rows) {
    const value = values[row] as number;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
    whole &&= Number.isInteger(value);
  }
  if (low > high) return { low: Number.NaN, high: Number.NaN, log: false, whole: false };
  return { low, high, whole, log: column.role !== "date" && low > 0 && high / low > LOG_FROM };
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

/** The scale follows the given rows alone, so that a brush does not move it. */
export function buildAxis(column: Column, rows: Uint32Array): Axis {
  const { cells } = column;
  const specials = countSpecials(column, rows);
  if (cells.kind === "number") return { column, kind: "numbers", texts: [], specials, ...numbers(column, cells.values, rows) };
  const [low, high] = [Number.NaN, Number.NaN];
  return { column, kind: "texts", log: false, low, high, whole: false, texts: texts(column, rows), specials };
}

/** Where a finite number stands, from 0 to 1; the middle where all are equal. Halves, for a range may be beyond a double. */
export function share({ low, high, log }: Axis, value: number): number {
  if (low === high) return 0.5;
  if (log) return Math.log(value / low) / Math.log(high / low);
  return (value / 2 - low / 2) / (high / 2 - low / 2);
}

export function valueAt({ low, high, log }: Axis, at: number): number {
  if (low === high) return low;
  return log ? low * (high / low) ** at : low + 2 * at * (high / 2 - low / 2);
}

/** Round numbers inside of the range. */
export function ticksOf({ column, low, high, log, whole }: Axis, most: number): Ticks {
  if (Number.isNaN(low)) return { at: [], label: String };
  if (column.role === "date") return wallTicks(low, high, most);
  return log ? logTicks(low, high, most) : linearTicks(low, high, most, whole);
}

/** "val_accuracy"; "loss (best)" for what is not the value at export. */
export function axisTitle({ title, caption }: Column): string {
  return caption === "" || caption === "at export" ? title : `${title} (${caption})`;
}
