/** Where the points of a curve stand on the horizontal axis. Pure. */

export type XAxis = "step" | "relative" | "wall";

export interface Line {
  steps: number[];
  /** Seconds since the epoch. */
  times: number[];
}

/** Steps; seconds since the first point of the curve; or milliseconds since the epoch. */
export function places(line: Line, axis: XAxis): Float64Array {
  if (axis === "step") return Float64Array.from(line.steps);
  const first = line.times[0] ?? 0;
  return Float64Array.from(line.times, (time) => (axis === "relative" ? time - first : time * 1000));
}

/** The time at a step: the point's own where there is one, else between its neighbours; null outside of the curve. */
export function timeAt(line: Line, step: number): number | null {
  const { steps, times } = line;
  const last = steps.length - 1;
  if (last < 0 || step < (steps[0] as number) || step > (steps[last] as number)) return null;
  const after = lowerBound(steps, step);
  const [b, tb] = [steps[after] as number, times[after] as number];
  if (b === step || after === 0) return tb;
  const [a, ta] = [steps[after - 1] as number, times[after - 1] as number];
  return ta + ((tb - ta) * (step - a)) / (b - a);
}

/** Where an export stands; null where the axis is time and nobody knows when it was. `exported`: ms since the epoch. */
export function placeOfExport(line: Line, step: number, exported: number | null, axis: XAxis): number | null {
  if (axis === "step") return step;
  const known = timeAt(line, step);
  const time = known ?? (exported === null ? null : exported / 1000);
  if (time === null) return null;
  return axis === "wall" ? time * 1000 : time - (line.times[0] ?? time);
}

/** The first position whose value is not below `x`; the length where there is none. Values ascend. */
export function lowerBound(values: ArrayLike<number>, x: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The position of the value nearest to `x`, -1 where there are none. Values ascend. */
export function nearestIndex(values: ArrayLike<number>, x: number): number {
  if (values.length === 0) return -1;
  const after = lowerBound(values, x);
  if (after === 0) return 0;
  if (after === values.length) return after - 1;
  return x - (values[after - 1] as number) <= (values[after] as number) - x ? after - 1 : after;
}
