/** The chart over versions as options of ECharts. */
import type { LineSeriesOption, ScatterSeriesOption } from "echarts/charts";
import type { EChartsCoreOption } from "echarts/core";
import { formatMetric } from "../model/format";
import { PRODUCTION } from "../model/registry/aliases";
import type { Branch, Branches } from "./branches";
import type { Band, Picture, Point } from "./points";
import type { ProductionLine } from "./production";
import { tightScale } from "./scale";

export interface Paint {
  text: string;
  dim: string;
  line: string;
  ground: string;
  accent: string;
  /** Of what is in production. */
  good: string;
  /** Under a range of values. */
  band: string;
  font: string;
}

const FONT_SIZE = 11;
/** Width of a character of the axis. */
const CHARACTER = 6.4;
const LONGEST_ALIAS = 18;

/** How the line of each model is dashed; the legend draws the same. */
export const DASHES: readonly number[][] = [[], [6, 4], [2, 3], [8, 3, 2, 3]];

/** More curves to parents than this would hide the points; then only those of the open version are drawn. */
const MOST_BRANCHES = 60;

/** Above this many points they are drawn as a cloud: by colour, without parts of their own. */
const CLOUD = 300;
const FEW = 60;

type Item = NonNullable<LineSeriesOption["data"]>[number] & NonNullable<ScatterSeriesOption["data"]>[number];

interface Marks {
  /** The best of each model. */
  best: ReadonlySet<Point>;
  selected: string | null;
}

/** "⚑ production, canary": a flag above the point. */
function flag({ aliases }: Point): string {
  if (aliases.length === 0) return "";
  const names = aliases.slice(0, 2).map((alias) => (alias.length > LONGEST_ALIAS ? `${alias.slice(0, LONGEST_ALIAS - 1)}…` : alias));
  return `⚑ ${names.join(", ")}${aliases.length > 2 ? ` +${aliases.length - 2}` : ""}`;
}

/** Labels stand apart; one that would cover another all the same is left out, and the tip of its point has it. */
const APART = { moveOverlap: "shiftY", hideOverlap: true } as const;

/** `names`: whether the aliases are named beside the point. */
function markLabel(point: Point, marks: Marks, paint: Paint, { share, names }: { share: number; names: boolean }): object {
  const isBest = marks.best.has(point);
  const words = [names ? flag(point) : "", isBest ? `best ${formatMetric(point.value)}` : ""].filter(Boolean).join(" · ");
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

/** How far to the right a place is, from 0 to 1. */
function share({ time, numbers }: Picture, place: number): number {
  if (!time) return place / Math.max(1, numbers.length - 1);
  return (place - time.from) / Math.max(1, time.to - time.from);
}

/** Over time points stand close together, and names would lie on each other: only production is named. */
function isNamed({ time }: Picture, point: Point): boolean {
  return time === null || point.aliases.includes(PRODUCTION);
}

function item(point: Point, picture: Picture, marks: Marks, paint: Paint): Item {
  const place = picture.x(point);
  const base = picture.count > FEW ? 5 : 7;
  const chosen = point.id === marks.selected;
  const best = marks.best.has(point);
  const plain: Item = { value: [place, point.value], symbolSize: base, itemStyle: { color: point.color ?? paint.dim } };
  if (!chosen && !best && point.aliases.length === 0) return plain;
  return {
    ...plain,
    symbolSize: Math.max(base + 4, 10),
    itemStyle: { color: point.color ?? paint.dim, borderColor: chosen ? paint.accent : paint.ground, borderWidth: chosen ? 3 : 1.5 },
    label: markLabel(point, marks, paint, { share: share(picture, place), names: isNamed(picture, point) }),
  };
}

/** Breaks a line in front of points that were not made from the one before. */
function broken(points: readonly Point[], cut: ReadonlySet<Point>, draw: (point: Point) => Item): Item[] {
  return points.flatMap((point) => (cut.has(point) ? [["-", "-"] as Item, draw(point)] : [draw(point)]));
}

function line(picture: Picture, index: number, cut: ReadonlySet<Point>, marks: Marks, paint: Paint): LineSeriesOption {
  const cloud = picture.count > CLOUD;
  const { model, points } = picture.lines[index] ?? { model: "", points: [] };
  const plain = (point: Point): Item => [picture.x(point), point.value];
  return {
    type: "line",
    name: model,
    data: broken(points, cut, (point) => (cloud ? plain(point) : item(point, picture, marks, paint))),
    symbol: "circle",
    showSymbol: !cloud,
    showAllSymbol: true,
    silent: true,
    z: 10 - Math.min(index, 8),
    lineStyle: {
      color: index === 0 ? paint.accent : paint.dim,
      width: cloud ? 1 : 1.6,
      opacity: cloud ? 0.5 : 1,
      type: DASHES[index % DASHES.length]?.length ? DASHES[index % DASHES.length] : "solid",
    },
    itemStyle: { borderColor: paint.ground, borderWidth: 1 },
    labelLayout: APART,
  };
}

function cloud(picture: Picture, paint: Paint): ScatterSeriesOption[] {
  const colors = new Map<string, [number, number][]>();
  for (const { points } of picture.lines) {
    for (const point of points) {
      const color = point.color ?? paint.dim;
      const place: [number, number] = [picture.x(point), point.value];
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

/** Points that are drawn one by one over a cloud: the best, the open one, those with aliases. */
function marked(picture: Picture, marks: Marks, paint: Paint): ScatterSeriesOption {
  const points = picture.lines
    .flatMap((each) => each.points)
    .filter((point) => marks.best.has(point) || point.id === marks.selected || point.aliases.length > 0);
  return { type: "scatter", data: points.map((point) => item(point, picture, marks, paint)), silent: true, z: 12, labelLayout: APART };
}

export function drawnBranches({ branches }: Branches, selected: string | null): Branch[] {
  if (branches.length <= MOST_BRANCHES) return branches;
  return branches.filter(({ from, to }) => from.id === selected || to.id === selected).slice(0, MOST_BRANCHES);
}

/** Below everything. */
function background(band: Band | null, paint: Paint): LineSeriesOption {
  const data: [{ yAxis: number }, { yAxis: number }][] = band ? [[{ yAxis: band.low }, { yAxis: band.high }]] : [];
  return { type: "line", data: [], silent: true, markArea: { silent: true, data, itemStyle: { color: paint.band } } };
}

export interface Extras {
  band: Band | null;
  branches: Branches;
  production: ProductionLine[];
}

/** Above the lines of the versions, below their points. */
function produced({ steps }: ProductionLine, paint: Paint): LineSeriesOption {
  return {
    type: "line",
    data: steps,
    symbol: "none",
    silent: true,
    z: 1,
    lineStyle: { color: paint.good, width: 2.5, type: [7, 3], opacity: 0.9 },
  };
}

function series(
  picture: Picture,
  { band, branches, production }: Extras,
  marks: Marks,
  paint: Paint,
): (LineSeriesOption | ScatterSeriesOption)[] {
  const lines = picture.lines.map((_, index) => line(picture, index, branches.cut, marks, paint));
  const below = [background(band, paint), ...production.map((each) => produced(each, paint))];
  return picture.count > CLOUD ? [...below, ...lines, ...cloud(picture, paint), marked(picture, marks, paint)] : [...below, ...lines];
}

/** More of them would cover each other. */
const MOST_BEST = 4;

function bestOf({ lines }: Picture): ReadonlySet<Point> {
  return new Set(lines.slice(0, MOST_BEST).flatMap((each) => each.best ?? []));
}

function horizontal({ time, numbers }: Picture): object {
  return time ? { type: "time", min: time.from, max: time.to } : { type: "category", data: numbers.map(String) };
}

export function buildOption(picture: Picture, extras: Extras, selected: string | null, paint: Paint): EChartsCoreOption {
  const scale = tightScale(picture.low, picture.high);
  const longest = Math.max(scale.label(scale.min).length, scale.label(scale.max).length);
  const text = { color: paint.dim, fontSize: FONT_SIZE, fontFamily: paint.font };
  return {
    animation: false,
    grid: { left: 18 + longest * CHARACTER, right: 22, top: 30, bottom: 24 },
    xAxis: {
      ...horizontal(picture),
      axisLine: { lineStyle: { color: paint.line } },
      axisTick: { show: false },
      axisLabel: { ...text, hideOverlap: true, margin: 7 },
      splitLine: { show: false },
    },
    yAxis: {
      type: "value",
      min: scale.min,
      max: scale.max,
      interval: scale.step,
      axisLabel: { ...text, formatter: scale.label },
      splitLine: { lineStyle: { color: paint.line } },
    },
    series: series(picture, extras, { best: bestOf(picture), selected }, paint),
  };
}
