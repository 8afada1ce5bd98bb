/** Curves of one chart as numbers to draw: places, smoothed values, ranges, and what can't be drawn. Pure. */
import type { Curve, Picture } from "../compare/pictures";
import { placeOfExport, places, type XAxis } from "./axis";
import { type Extent, extentOf, roomy } from "./extent";
import { smooth } from "./smooth";
import { durationTicks, linearTicks, logTicks, type Ticks, wallTicks } from "./ticks";

export interface Settings {
  x: XAxis;
  smooth: number;
  log: boolean;
  outliers: boolean;
}

export interface DrawnCurve {
  curve: Curve;
  xs: Float64Array;
  /** Smoothed where asked for; the raw ones are `curve.values`. */
  ys: Float64Array;
}

export interface DrawnExport {
  member: number;
  run: string;
  step: number;
  x: number;
  value: number;
}

/** Values that have no place on the axis. */
export interface Oddity {
  x: number;
  run: string;
  kind: "NaN" | "∞" | "−∞";
}

export interface Drawing {
  curves: DrawnCurve[];
  exports: DrawnExport[];
  oddities: Oddity[];
  /** Finite points that the range leaves out. */
  outside: number;
  /** Points that have no logarithm. */
  notPositive: number;
  x: Extent;
  y: Extent;
}

/** null where no curve has a point and no version a value. */
export function prepare(picture: Picture, settings: Settings, hidden: ReadonlySet<string>): Drawing | null {
  const { x: axis, log } = settings;
  const curves = picture.curves
    .filter(({ run }) => !hidden.has(run))
    .map((curve) => ({ curve, xs: places(curve, axis), ys: smooth(curve.values, settings.smooth) }));
  const exports: DrawnExport[] = [];
  for (const { member, run, step, value, exported } of picture.exports) {
    const curve = curves.find((each) => each.curve.run === run)?.curve;
    const x = curve ? placeOfExport(curve, step, exported, axis) : null;
    if (x !== null && Number.isFinite(value) && (!log || value > 0)) exports.push({ member, run, step, x, value });
  }
  const always = exports.map((each) => each.value);
  const y = extentOf(
    curves.map((each) => each.ys),
    { outliers: settings.outliers, log, always },
  );
  const x = horizontal(curves, exports);
  if (!y || !x) return curves.some((each) => each.xs.length > 0) ? barren(curves, settings) : null;
  const range = roomy(y, log);
  return { curves, exports, ...faults(curves, range, log), x, y: range };
}

/** Curves of which no value can be drawn: the chart shows where they are, and says so. */
function barren(curves: DrawnCurve[], { log }: Settings): Drawing {
  const y = log ? { low: 1, high: 10 } : { low: 0, high: 1 };
  return { curves, exports: [], ...faults(curves, y, log), x: horizontal(curves, []) ?? { low: 0, high: 1 }, y };
}

function horizontal(curves: DrawnCurve[], exports: DrawnExport[]): Extent | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const take = (value: number): void => {
    if (value < low) low = value;
    if (value > high) high = value;
  };
  for (const { xs } of curves) for (const value of xs) take(value);
  for (const each of exports) take(each.x);
  if (low > high) return null;
  const room = high > low ? (high - low) * 0.012 : Math.max(Math.abs(low) * 1e-3, 0.5);
  return { low: low - room, high: high + room };
}

function faults(curves: DrawnCurve[], range: Extent, log: boolean): Pick<Drawing, "oddities" | "outside" | "notPositive"> {
  const oddities: Oddity[] = [];
  let [outside, notPositive] = [0, 0];
  for (const { curve, xs, ys } of curves) {
    for (let i = 0; i < ys.length; i++) {
      const value = ys[i] as number;
      if (!Number.isFinite(value)) {
        const kind = Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
        oddities.push({ x: xs[i] as number, run: curve.run, kind });
      } else if (log && value <= 0) notPositive++;
      else if (value < range.low || value > range.high) outside++;
    }
  }
  return { oddities, outside, notPositive };
}

/** The range that shows every point of a part of the axis. */
export function fitTo(drawing: Drawing, part: Extent, log: boolean): Extent | null {
  const inside = drawing.curves.map(({ xs, ys }) => ys.filter((_, i) => (xs[i] as number) >= part.low && (xs[i] as number) <= part.high));
  const always = drawing.exports.filter((each) => each.x >= part.low && each.x <= part.high).map((each) => each.value);
  const found = extentOf(inside, { outliers: true, log, always });
  return found && roomy(found, log);
}

export function xTicks(axis: XAxis, { low, high }: Extent, most: number): Ticks {
  if (axis === "relative") return durationTicks(low, high, most);
  if (axis === "wall") return wallTicks(low, high, most);
  return linearTicks(low, high, most, true);
}

export function yTicks({ low, high }: Extent, log: boolean, most: number): Ticks {
  return log ? logTicks(low, high, most) : linearTicks(low, high, most);
}
