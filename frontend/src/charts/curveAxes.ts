/** The axes of training curves. All ranges and ticks are ours, so that a pixel's place is plain arithmetic. */
import type { EChartsCoreOption } from "echarts/core";
import type { XAxis } from "../model/curves/axis";
import type { Extent } from "../model/curves/extent";
import { type DrawnExport, xTicks, yTicks } from "../model/curves/prepare";
import type { Paint } from "./option";

export interface Range {
  x: Extent;
  y: Extent;
}

export interface CurveLooks {
  axis: XAxis;
  log: boolean;
  smoothed: boolean;
  color(run: string): string;
  /** Two versions of one run have marks of different colours on one curve. */
  exportColor(each: DrawnExport): string;
  dashed(run: string): boolean;
  /** What stands at the mark of an export. */
  name(each: DrawnExport): string;
  /** Width of a text in pixels. */
  measure(text: string): number;
  paint: Paint;
  /** Highlighted runs, the others are faint; null: all alike. */
  lit?: ReadonlySet<string> | null;
}

export interface Room {
  width: number;
  height: number;
  /** Height of the title above the chart in a saved file, in pixels. */
  lift?: number;
}

/** The plot's edges; the left one depends on the labels. */
export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export const FONT_SIZE = 11;
const CHARACTER = 6.5;

/** Vertical places are logarithms where the axis is one. */
export function scaleY(log: boolean): (value: number) => number {
  return log ? (value) => (value > 0 ? Math.log10(value) : Number.NaN) : (value) => (Number.isFinite(value) ? value : Number.NaN);
}

function ticksOf(range: Range, looks: Pick<CurveLooks, "axis" | "log">, room: Room) {
  const y = yTicks(range.y, looks.log, Math.max(2, Math.floor(room.height / 48)));
  const x = xTicks(looks.axis, range.x, Math.max(2, Math.floor(room.width / 92)));
  return { x, y };
}

function frameOf(range: Range, looks: Pick<CurveLooks, "axis" | "log">, room: Room): Frame {
  const { y } = ticksOf(range, looks, room);
  const longest = Math.max(3, ...y.at.map((value) => y.label(value).length));
  return { left: Math.round(20 + longest * CHARACTER), right: 18, top: 16, bottom: 26 };
}

export function axesOption(range: Range, looks: CurveLooks, room: Room): EChartsCoreOption {
  const { paint, log } = looks;
  const { x, y } = ticksOf(range, looks, room);
  const up = scaleY(log);
  const down = log ? (value: number): number => 10 ** value : (value: number): number => value;
  const text = { color: paint.dim, fontSize: FONT_SIZE, fontFamily: paint.font };
  const line = { lineStyle: { color: paint.line } };
  const { left, right, top, bottom } = frameOf(range, looks, room);
  return {
    grid: { left, right, top, bottom },
    xAxis: {
      type: "value",
      min: range.x.low,
      max: range.x.high,
      axisLine: { ...line, onZero: false, show: true },
      axisTick: { show: false, customValues: x.at },
      splitLine: { show: false },
      axisLabel: {
        ...text,
        customValues: x.at,
        formatter: (value: number) => x.label(value),
        hideOverlap: true,
        margin: 8,
        showMinLabel: true,
        showMaxLabel: true,
      },
    },
    yAxis: {
      type: "value",
      min: up(range.y.low),
      max: up(range.y.high),
      axisLine: { show: false },
      axisTick: { show: false, customValues: y.at.map(up) },
      splitLine: { show: true, ...line },
      axisLabel: {
        ...text,
        customValues: y.at.map(up),
        formatter: (value: number) => y.label(down(value)),
        showMinLabel: true,
        showMaxLabel: true,
      },
    },
  };
}

/** Converts between pixels and values. */
export interface Mapping {
  frame: Frame;
  room: Room;
  px(x: number): number;
  py(y: number): number;
  x(px: number): number;
  y(py: number): number;
}

export function mapping(range: Range, looks: Pick<CurveLooks, "axis" | "log">, room: Room): Mapping {
  const frame = frameOf(range, looks, room);
  const wide = Math.max(1, room.width - frame.left - frame.right);
  const tall = Math.max(1, room.height - frame.top - frame.bottom);
  const up = scaleY(looks.log);
  const [bottom, top] = [up(range.y.low), up(range.y.high)];
  return {
    frame,
    room,
    px: (x) => frame.left + ((x - range.x.low) / (range.x.high - range.x.low)) * wide,
    py: (y) => frame.top + ((top - up(y)) / (top - bottom)) * tall,
    x: (px) => range.x.low + ((px - frame.left) / wide) * (range.x.high - range.x.low),
    y: (py) => {
      const value = top - ((py - frame.top) / tall) * (top - bottom);
      return looks.log ? 10 ** value : value;
    },
  };
}
