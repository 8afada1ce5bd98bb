/** A picture as ECharts wants it. */
import type { LineSeriesOption, ScatterSeriesOption } from "echarts/charts";
import type { EChartsCoreOption } from "echarts/core";
import { formatMetric } from "../model/format";
import type { Picture, Point } from "./points";
import { tightScale } from "./scale";

export interface Paint {
  text: string;
  dim: string;
  line: string;
  ground: string;
  accent: string;
  font: string;
}

const FONT_SIZE = 11;
/** Width of a character of the axis. */
const CHARACTER = 6.4;
const ROOM_FOR_NAMES = 92;
const DASHES: LineSeriesOption["lineStyle"][] = [{ type: "solid" }, { type: "dashed" }, { type: "dotted" }, { type: [8, 3, 2, 3] }];

/** Above this many points they are drawn as a cloud: by colour, without parts of their own. */
const CLOUD = 300;
const FEW = 60;

type Item = NonNullable<LineSeriesOption["data"]>[number] & NonNullable<ScatterSeriesOption["data"]>[number];

interface Marks {
  best: Point | null;
  selected: string | null;
}

function markLabel(point: Point, marks: Marks, paint: Paint, share: number): object {
  const isBest = point === marks.best;
  const words = isBest ? `best ${formatMetric(point.value)}` : "";
  return {
    show: words !== "",
    formatter: () => words,
    position: "top",
    distance: 6,
    align: share > 0.9 ? "right" : share < 0.1 ? "left" : "center",
    color: paint.text,
    fontWeight: "bold",
    fontSize: FONT_SIZE,
    fontFamily: paint.font,
    textBorderColor: paint.ground,
    textBorderWidth: 3,
  };
}

function item(point: Point, picture: Picture, marks: Marks, paint: Paint): Item {
  const place = picture.place.get(point.number) ?? 0;
  const base = picture.count > FEW ? 5 : 7;
  const chosen = point.id === marks.selected;
  const best = point === marks.best;
  const plain: Item = { value: [place, point.value], symbolSize: base, itemStyle: { color: point.color ?? paint.dim } };
  if (!chosen && !best) return plain;
  return {
    ...plain,
    symbolSize: Math.max(base + 4, 10),
    itemStyle: { color: point.color ?? paint.dim, borderColor: chosen ? paint.accent : paint.ground, borderWidth: chosen ? 3 : 1.5 },
    label: markLabel(point, marks, paint, place / Math.max(1, picture.numbers.length - 1)),
  };
}

function line(picture: Picture, index: number, marks: Marks, paint: Paint): LineSeriesOption {
  const several = picture.lines.length > 1;
  const cloud = picture.count > CLOUD;
  const { model, points } = picture.lines[index] ?? { model: "", points: [] };
  const plain = (point: Point): Item => [picture.place.get(point.number) ?? 0, point.value];
  return {
    type: "line",
    name: model,
    data: points.map((point) => (cloud ? plain(point) : item(point, picture, marks, paint))),
    symbol: "circle",
    showSymbol: !cloud,
    showAllSymbol: true,
    silent: true,
    z: 10 - Math.min(index, 8),
    lineStyle: {
      color: index === 0 ? paint.accent : paint.dim,
      width: cloud ? 1 : 1.6,
      opacity: cloud ? 0.5 : 1,
      ...(several ? DASHES[index % DASHES.length] : {}),
    },
    itemStyle: { borderColor: paint.ground, borderWidth: 1 },
    endLabel: {
      show: several && index < 6,
      formatter: () => model,
      textBorderColor: paint.ground,
      textBorderWidth: 3,
      color: paint.dim,
      fontSize: FONT_SIZE,
      fontFamily: paint.font,
      width: ROOM_FOR_NAMES - 14,
      overflow: "truncate",
    },
    labelLayout: { moveOverlap: "shiftY" },
  };
}

function cloud(picture: Picture, paint: Paint): ScatterSeriesOption[] {
  const colors = new Map<string, [number, number][]>();
  for (const { points } of picture.lines) {
    for (const point of points) {
      const color = point.color ?? paint.dim;
      const place: [number, number] = [picture.place.get(point.number) ?? 0, point.value];
      const its = colors.get(color);
      if (its) its.push(place);
      else colors.set(color, [place]);
    }
  }
  return [...colors].map(([color, data]) => ({
    type: "scatter",
    data,
    large: true,
    largeThreshold: 1,
    symbolSize: 3,
    silent: true,
    z: 11,
    itemStyle: { color },
  }));
}

/** The points that stand out, over a cloud. */
function marked(picture: Picture, marks: Marks, paint: Paint): ScatterSeriesOption {
  const points = picture.lines.flatMap((each) => each.points).filter((point) => point === marks.best || point.id === marks.selected);
  return { type: "scatter", data: points.map((point) => item(point, picture, marks, paint)), silent: true, z: 12 };
}

function series(picture: Picture, marks: Marks, paint: Paint): (LineSeriesOption | ScatterSeriesOption)[] {
  const lines = picture.lines.map((_, index) => line(picture, index, marks, paint));
  return picture.count > CLOUD ? [...lines, ...cloud(picture, paint), marked(picture, marks, paint)] : lines;
}

export function buildOption(picture: Picture, selected: string | null, paint: Paint): EChartsCoreOption {
  const scale = tightScale(picture.low, picture.high);
  const longest = Math.max(scale.label(scale.min).length, scale.label(scale.max).length);
  const text = { color: paint.dim, fontSize: FONT_SIZE, fontFamily: paint.font };
  return {
    animation: false,
    grid: { left: 18 + longest * CHARACTER, right: picture.lines.length > 1 ? ROOM_FOR_NAMES : 22, top: 30, bottom: 24 },
    xAxis: {
      type: "category",
      data: picture.numbers.map(String),
      axisLine: { lineStyle: { color: paint.line } },
      axisTick: { show: false },
      axisLabel: { ...text, hideOverlap: true, margin: 7 },
    },
    yAxis: {
      type: "value",
      min: scale.min,
      max: scale.max,
      interval: scale.step,
      axisLabel: { ...text, formatter: scale.label },
      splitLine: { lineStyle: { color: paint.line } },
    },
    series: series(picture, { best: picture.count > 1 ? picture.best : null, selected }, paint),
  };
}
