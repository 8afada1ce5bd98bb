/** The best values of a column among the rows that are shown. */
import type { Coded } from "../api/types";
import type { Column } from "./columns";

/**
 * The best value of each model, by its code.
 *
 * NaN where no value is best: the goal is unknown, there is one value only, all are equal, or one of them comes from a
 * sample of its curve and may be wrong. Values of different models are not compared: their metric has the same name, but
 * other data may be behind it.
 */
export function bestValues(column: Column, rows: Uint32Array, { values: models, codes }: Coded): Float64Array {
  const best = new Float64Array(models.length).fill(Number.NaN);
  if (column.goal === "unknown" || column.cells.kind !== "number") return best;
  const higher = column.goal === "max";
  const { values } = column.cells;
  const differing = new Uint8Array(models.length);
  const unsure = new Uint8Array(models.length);
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as number;
    const value = values[row] as number;
    const code = codes[row] as number;
    if (Number.isNaN(value) || code < 0) continue;
    if (column.samples?.[row]) unsure[code] = 1;
    const before = best[code] as number;
    if (value === before) continue;
    const isFirst = Number.isNaN(before);
    if (!isFirst) differing[code] = 1;
    if (isFirst || (higher ? value > before : value < before)) best[code] = value;
  }
  return best.map((value, code) => (differing[code] && !unsure[code] ? value : Number.NaN));
}

/** At most `most` rows of a column's values for a drawing: evenly spread, extremes, first and last kept. */
export function thin(values: Float64Array, rows: number[], most: number): number[] {
  if (rows.length <= most) return rows;
  const keep = new Set<number>();
  const buckets = Math.max(1, Math.floor((most - 2) / 2));
  const size = rows.length / buckets;
  for (let b = 0; b < buckets; b++) {
    const bucket = rows.slice(Math.floor(b * size), Math.floor((b + 1) * size));
    let [low, high] = [bucket[0] as number, bucket[0] as number];
    for (const row of bucket) {
      if ((values[row] as number) < (values[low] as number)) low = row;
      if ((values[row] as number) > (values[high] as number)) high = row;
    }
    keep.add(low).add(high);
  }
  keep.add(rows[0] as number).add(rows.at(-1) as number);
  return rows.filter((row) => keep.has(row));
}

/** The first of the rows that has the best value; null where there is no direction or no number, or one is not certain. */
export function bestRow(column: Column, rows: readonly number[]): number | null {
  if (column.goal === "unknown" || column.cells.kind !== "number") return null;
  if (rows.some((row) => column.samples?.[row])) return null;
  const { values } = column.cells;
  const sign = column.goal === "max" ? 1 : -1;
  let best: number | null = null;
  for (const row of rows) {
    const value = sign * (values[row] as number);
    if (!Number.isNaN(value) && (best === null || value > sign * (values[best] as number))) best = row;
  }
  return best;
}
