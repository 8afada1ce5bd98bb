/** Training curves as ECharts wants them. All ranges and ticks are ours, so that a pixel's place is plain arithmetic. */
import type { LineSeriesOption, ScatterSeriesOption } from "echarts/charts";
import type { EChartsCoreOption } from "echarts/core";
import type { XAxis } from "../model/curves/axis";
import type { Extent } from "../model/curves/extent";
import { heightsOf, LABEL_HEIGHT, type Label, placeNames } from "../model/curves/labels";
import { type Drawing, type DrawnExport, xTicks, yTicks } from "../model/curves/prepare";
import { formatMetric } from "../model/format";
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
  dashed(run: string): boolean;
  /** What stands at the mark of an export. */
  name(each: DrawnExport): string;
  /** Width of a text in pixels. */
  measure(text: string): number;
  paint: Paint;
  /** Runs that stand out, the others stepping back; null: all alike. */
  lit?: ReadonlySet<string> | null;
}

export interface Room {
  width: number;
  height: number;
  /** What stands above the picture, in a saved file. */
  lift?: number;
}

/** The plot's edges; the left one depends on the labels. */
export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const FONT_SIZE = 11;
const CHARACTER = 6.5;
const LABELLED_EXPORTS = 24;
const MANY_CURVES = 12;

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

function axesOption(range: Range, looks: CurveLooks, room: Room): EChartsCoreOption {
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

/** Between pixels and numbers. */
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

type Data = [number, number][];

function pairs(xs: ArrayLike<number>, ys: ArrayLike<number>, up: (value: number) => number): Data {
  const data: Data = new Array(xs.length);
  for (let i = 0; i < xs.length; i++) data[i] = [xs[i] as number, up(ys[i] as number)];
  return data;
}

/** Points that no line reaches. */
function lonely(data: Data): Data {
  const there = (point: [number, number] | undefined): boolean => point !== undefined && !Number.isNaN(point[1]);
  return data.filter((point, i) => there(point) && !there(data[i - 1]) && !there(data[i + 1]));
}

const FAINT = 0.13;

function opacity({ lit }: CurveLooks, run: string): number {
  return lit && !lit.has(run) ? FAINT : 1;
}

function curveSeries(drawing: Drawing, looks: CurveLooks): (LineSeriesOption | ScatterSeriesOption)[] {
  const up = scaleY(looks.log);
  const shared = { type: "line", silent: true, showSymbol: false, clip: true, legendHoverLink: false } as const;
  return drawing.curves.flatMap(({ curve, xs, ys }) => {
    const color = looks.color(curve.run);
    const data = pairs(xs, ys, up);
    const type = looks.dashed(curve.run) ? ([5, 3] as number[]) : "solid";
    const found: (LineSeriesOption | ScatterSeriesOption)[] = [
      {
        ...shared,
        id: `curve ${curve.run}`,
        name: curve.run,
        data,
        z: 4,
        itemStyle: { color },
        lineStyle: { color, width: drawing.curves.length > MANY_CURVES ? 1.2 : 1.8, type, opacity: opacity(looks, curve.run) },
      },
    ];
    if (looks.smoothed) {
      const raw = pairs(xs, curve.values, up);
      const lineStyle = { color, width: 1.2, opacity: 0.28 * opacity(looks, curve.run) };
      found.unshift({ ...shared, id: `raw ${curve.run}`, data: raw, z: 3, lineStyle });
    }
    const alone = lonely(data);
    if (alone.length > 0) {
      const itemStyle = { color, opacity: opacity(looks, curve.run) };
      found.push({ id: `alone ${curve.run}`, type: "scatter", silent: true, data: alone, symbolSize: 6, z: 5, itemStyle });
    }
    return found;
  });
}

const LONGEST_LABEL = 34;
/** The dot before a name, and the frame around it. */
const BESIDE_NAME = 22;

function labelOf(each: DrawnExport, looks: CurveLooks): string {
  const name = looks.name(each).replace(/[{}]/g, "");
  const short = name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}…` : name;
  return `${short} ${formatMetric(each.value)}`;
}

/** By the position of the export. Validation has the choice before training. */
function placeLabels(drawing: Drawing, looks: CurveLooks, range: Range, room: Room): Map<number, Label> {
  const { frame, px, py } = mapping(range, looks, room);
  const late = (index: number): number => Number(looks.dashed(drawing.exports[index]?.run ?? ""));
  const order = drawing.exports.map((_, index) => index).sort((a, b) => late(a) - late(b) || a - b);
  const marks = order.flatMap((index) => {
    const each = drawing.exports[index] as DrawnExport;
    const [x, y] = [px(each.x), py(each.value)];
    const seen = x >= frame.left - 1 && x <= room.width - frame.right + 1 && y >= frame.top - 1 && y <= room.height - frame.bottom + 1;
    return seen ? [{ index, x, y, width: looks.measure(labelOf(each, looks)) + BESIDE_NAME }] : [];
  });
  const walls = { left: frame.left, right: room.width - 2, top: 1, bottom: room.height - frame.bottom - 1 };
  const curves = drawing.curves.slice(0, MANY_CURVES * 2).map(({ xs, ys }) => heightsOf(Array.from(xs, px), Array.from(ys, py)));
  const found = new Map<number, Label>();
  placeNames(marks, walls, curves).forEach((label, at) => void (label && found.set(marks[at]?.index ?? -1, label)));
  return found;
}

/** From marks to names that stand apart. One for each mark, so that another range finds the same series again. */
function leaderSeries(drawing: Drawing, looks: CurveLooks, range: Range, room: Room, labels: Map<number, Label>): LineSeriesOption[] {
  const { x, y } = mapping(range, looks, room);
  const up = scaleY(looks.log);
  return drawing.exports.slice(0, LABELLED_EXPORTS).map(({ run }, index) => ({
    id: `leader ${index}`,
    type: "line",
    silent: true,
    showSymbol: false,
    clip: false,
    z: 7,
    data: (labels.get(index)?.leader ?? []).map((spot) => [x(spot.x), up(y(spot.y))]),
    lineStyle: { color: looks.color(run), width: 1.2, opacity: opacity(looks, run) },
  }));
}

/** A dashed line from edge to edge at each export, and its value as a point with a name. */
function exportSeries(drawing: Drawing, looks: CurveLooks, range: Range, room: Room): (LineSeriesOption | ScatterSeriesOption)[] {
  const { paint } = looks;
  const up = scaleY(looks.log);
  const [bottom, top] = [up(range.y.low), up(range.y.high)];
  const many = drawing.exports.length > LABELLED_EXPORTS;
  const seen = new Set<string>();
  const uprights: LineSeriesOption[] = [];
  for (const { x, run } of drawing.exports) {
    const key = `${x} ${looks.color(run)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    uprights.push({
      id: `upright ${uprights.length}`,
      type: "line",
      silent: true,
      showSymbol: false,
      z: 2,
      data: [
        [x, bottom],
        [x, top],
      ],
      lineStyle: { color: looks.color(run), width: 1.2, type: [3, 3], opacity: (many ? 0.35 : 0.75) * opacity(looks, run) },
    });
  }
  const labels = many ? new Map<number, Label>() : placeLabels(drawing, looks, range, room);
  const marks: ScatterSeriesOption = {
    id: "exports",
    type: "scatter",
    silent: true,
    z: 8,
    symbol: "circle",
    symbolSize: many ? 8 : 11,
    clip: true,
    data: drawing.exports.map((each, index) => {
      const color = looks.color(each.run);
      return {
        value: [each.x, up(each.value)],
        itemStyle: { color, borderColor: paint.ground, borderWidth: 2, opacity: opacity(looks, each.run) },
        label: {
          show: labels.has(index) && opacity(looks, each.run) === 1,
          formatter: () => `{dot|●} ${labelOf(each, looks)}`,
          rich: { dot: { color, fontSize: 10, fontFamily: paint.font } },
          color: paint.text,
          fontSize: FONT_SIZE,
          fontFamily: paint.font,
          backgroundColor: paint.ground,
          borderColor: color,
          borderWidth: 1,
          borderRadius: 3,
          height: LABEL_HEIGHT - 6,
          lineHeight: LABEL_HEIGHT - 6,
          padding: [3, 5, 2, 5],
        },
      };
    }),
    labelLayout: ({ dataIndex }) => {
      const place = labels.get(dataIndex ?? -1);
      return place ? { x: place.x, y: place.y + (room.lift ?? 0), align: "left", verticalAlign: "middle" } : {};
    },
  };
  return [...uprights, ...(many ? [] : leaderSeries(drawing, looks, range, room, labels)), marks];
}

/** NaN and infinities: triangles at the edges, as TensorBoard draws them. */
function oddSeries(drawing: Drawing, looks: CurveLooks, range: Range): ScatterSeriesOption[] {
  if (drawing.oddities.length === 0) return [];
  const up = scaleY(looks.log);
  const [bottom, top] = [up(range.y.low), up(range.y.high)];
  return [
    {
      id: "oddities",
      type: "scatter",
      silent: true,
      z: 6,
      symbol: "triangle",
      symbolSize: 8,
      clip: false,
      data: drawing.oddities.slice(0, 2000).map(({ x, run, kind }) => ({
        value: [x, kind === "∞" ? top : bottom],
        symbolRotate: kind === "−∞" ? 180 : 0,
        itemStyle: { color: looks.color(run), opacity: kind === "NaN" ? 0.55 : 1 },
      })),
    },
  ];
}

/** What stands at the edges, and so moves when they do; each with an id, for the curves to stay as they are. */
function edgeSeries(drawing: Drawing, looks: CurveLooks, range: Range, room: Room): (LineSeriesOption | ScatterSeriesOption)[] {
  return [...exportSeries(drawing, looks, range, room), ...oddSeries(drawing, looks, range)];
}

export function curveOption(drawing: Drawing, looks: CurveLooks, range: Range, room: Room): EChartsCoreOption {
  return {
    animation: false,
    ...axesOption(range, looks, room),
    series: [...curveSeries(drawing, looks), ...edgeSeries(drawing, looks, range, room)],
  };
}

/** Another range of the same drawing, to be merged into its option. */
export function zoomOption(drawing: Drawing, looks: CurveLooks, range: Range, room: Room): EChartsCoreOption {
  return { ...axesOption(range, looks, room), series: edgeSeries(drawing, looks, range, room) };
}

/** The same drawing, some runs standing out; to be merged into its option. */
export function litOption(drawing: Drawing, looks: CurveLooks, range: Range, room: Room): EChartsCoreOption {
  return { series: [...curveSeries(drawing, looks), ...edgeSeries(drawing, looks, range, room)] };
}
