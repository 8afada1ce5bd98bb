/** The path of a small curve. Pure. */
import type { WireNumber } from "../../api/types";

export interface Box {
  width: number;
  height: number;
  /** Room around, so that the stroke and the marker are not cut. */
  pad: number;
}

export interface Drawing {
  path: string;
  first: number;
  last: number;
  firstStep: number;
  lastStep: number;
  /** Where the curve is at the asked step; null outside of it. */
  marker: { x: number; y: number } | null;
}

interface Point {
  step: number;
  value: number;
}

function finite(steps: readonly number[], values: readonly WireNumber[]): (Point | null)[] {
  return steps.map((step, i) => {
    const value = values[i];
    return typeof value === "number" && Number.isFinite(value) && Number.isFinite(step) ? { step, value } : null;
  });
}

/** At most two points, the lowest and the highest, for each pixel's width. */
function thin(points: (Point | null)[], columns: number): (Point | null)[] {
  if (points.length <= 2 * columns) return points;
  const size = points.length / columns;
  return Array.from({ length: columns }, (_, column) => {
    const part = points.slice(Math.floor(column * size), Math.floor((column + 1) * size));
    const there = part.filter((point) => point !== null).sort((a, b) => a.value - b.value);
    const low = there[0];
    const high = there[there.length - 1];
    if (!low || !high) return [null];
    return low.step <= high.step ? [low, high] : [high, low];
  }).flat();
}

function valueAt(points: Point[], step: number): number | null {
  const after = points.findIndex((point) => point.step >= step);
  const b = points[after];
  if (!b) return null;
  const a = points[after - 1];
  if (!a) return b.step === step ? b.value : null;
  return a.value + ((b.value - a.value) * (step - a.step)) / (b.step - a.step || 1);
}

/** null where fewer than two values can be drawn. */
export function drawCurve(steps: readonly number[], values: readonly WireNumber[], box: Box, markAt: number | null): Drawing | null {
  const all = finite(steps, values);
  const there = all.filter((point) => point !== null);
  const first = there[0];
  const last = there[there.length - 1];
  if (!first || !last || there.length < 2) return null;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { value } of there) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const wide = last.step - first.step || 1;
  // Halves, because the whole range of doubles does not fit into a double.
  const tall = high / 2 - low / 2 || 1;
  const x = (step: number): number => box.pad + ((step - first.step) / wide) * (box.width - 2 * box.pad);
  const y = (value: number): number =>
    high === low ? box.height / 2 : box.pad + ((high / 2 - value / 2) / tall) * (box.height - 2 * box.pad);
  let path = "";
  let pen = "M";
  for (const point of thin(all, Math.floor(box.width))) {
    path += point ? `${pen}${x(point.step).toFixed(1)} ${y(point.value).toFixed(1)}` : "";
    pen = point ? "L" : "M";
  }
  const at = markAt === null ? null : valueAt(there, markAt);
  const marker = markAt === null || at === null ? null : { x: x(markAt), y: y(at) };
  return { path, first: first.value, last: last.value, firstStep: first.step, lastStep: last.step, marker };
}
