/** The best value of a column among the rows that are shown. */
import type { Column } from "./columns";

/** null where no value is best: the goal is unknown, there is one value only, or all are equal. */
export function bestValue(column: Column, rows: Uint32Array): number | null {
  if (column.goal === "unknown" || column.cells.kind !== "number") return null;
  const { values } = column.cells;
  let [low, high, seen] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const row of rows) {
    const value = values[row] as number;
    if (Number.isNaN(value)) continue;
    seen++;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (seen < 2 || low === high) return null;
  return column.goal === "max" ? high : low;
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

/** The first of the rows that has the best value; null where there is no direction or no number. */
export function bestRow(column: Column, rows: readonly number[]): number | null {
  if (column.goal === "unknown" || column.cells.kind !== "number") return null;
  const { values } = column.cells;
  const sign = column.goal === "max" ? 1 : -1;
  let best: number | null = null;
  for (const row of rows) {
    const value = sign * (values[row] as number);
    if (!Number.isNaN(value) && (best === null || value > sign * (values[best] as number))) best = row;
  }
  return best;
}
