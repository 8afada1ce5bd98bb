/** Metrics that were measured later, over time. Pure. */
import type { MeasuredRecord } from "../../api/registry";
import type { WireNumber } from "../../api/types";
import { precisionText } from "../slices";

export interface MeasuredPoint {
  time: number;
  value: WireNumber;
  actor: string;
  /** "89 examples, 0.72 to 0.95 (95 %)"; "" where nothing is known. */
  precision: string;
}

/** One metric on the same data from the same source. */
export interface Series {
  key: string;
  name: string;
  /** "clinic-2026-11 · monitoring" */
  from: string;
  /** The oldest first. */
  points: MeasuredPoint[];
}

/** `records`: in any order; `at`: nothing after that moment, null: all. */
export function seriesOf(records: readonly MeasuredRecord[], at: number | null = null): Series[] {
  const all = new Map<string, Series>();
  for (const { time, actor, source, dataset, slice, values } of records) {
    if (at !== null && time > at) continue;
    for (const { name, value, ...known } of values) {
      const key = JSON.stringify([name, dataset, slice, source]);
      const from = [slice ? `${dataset}/${slice}` : dataset, source].filter(Boolean).join(" · ");
      const series = all.get(key) ?? { key, name, from, points: [] };
      series.points.push({ time, value, actor, precision: precisionText(known) });
      all.set(key, series);
    }
  }
  const series = [...all.values()].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)) || (a.from < b.from ? -1 : 1));
  for (const { points } of series) points.sort((a, b) => a.time - b.time);
  return series;
}

const MARGIN = 3;

/** A line through the points over time, for an SVG of this size; "" where there are fewer than two. */
export function strokeOf({ points }: Series, width: number, height: number): string {
  const drawn = points.flatMap(({ time, value }) => (typeof value === "number" && Number.isFinite(value) ? [{ time, value }] : []));
  if (drawn.length < 2) return "";
  const times = drawn.map(({ time }) => time);
  const values = drawn.map(({ value }) => value);
  const [left, right] = [Math.min(...times), Math.max(...times)];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (time: number): number => MARGIN + ((time - left) / (right - left || 1)) * (width - 2 * MARGIN);
  const y = (value: number): number => height - MARGIN - ((value - low) / (high - low || 1)) * (height - 2 * MARGIN);
  const round = (value: number): number => Math.round(value * 10) / 10;
  return drawn.map(({ time, value }, at) => `${at === 0 ? "M" : "L"}${round(x(time))},${round(y(value))}`).join("");
}
