/** Versions as points of a picture, and the picture in words. Pure. */
import type { SeedNoise } from "../model/compare/pooled";
import { formatMetric } from "../model/format";

export interface Metric {
  key: string;
  goal: "max" | "min" | "unknown";
}

export interface Point {
  id: string;
  model: string;
  number: number;
  label: string;
  value: number;
  /** The value comes from a sample of its curve, and may be wrong. */
  sampled: boolean;
  /** In words where the value is from; "" where that is not known. */
  source: string;
  color: string | null;
  created: number | null;
  aliases: readonly string[];
  /** What it was made from: "digits:9", "fine-tuned from". */
  parents: readonly { id: string; relation: string }[];
}

/** Around a version: other seeds alone would bring a version anywhere in here. */
export interface Band {
  around: Point;
  low: number;
  high: number;
  /** "within seed noise of digits 11 (spread 0.0042 from 3 trainings)" */
  words: string;
}

export interface Line {
  model: string;
  points: Point[];
  /** Of the model's points only: a metric of the same name in another model is another metric. */
  best: Point | null;
}

export interface Picture {
  lines: Line[];
  /** The version numbers in order: places on the horizontal axis. */
  numbers: number[];
  /** Where a point stands: the place of its number, or over time when it was created. */
  x(point: Point): number;
  /** null: the horizontal axis has the numbers; else the times at its ends. */
  time: { from: number; to: number } | null;
  low: number;
  high: number;
  count: number;
}

function byNumber(a: Point, b: Point): number {
  return a.number - b.number || (a.created ?? 0) - (b.created ?? 0);
}

/** null where there is no goal, or only one point, or one is not certain. */
function bestOf({ goal }: Metric, points: readonly Point[]): Point | null {
  if (goal === "unknown" || points.length < 2 || points.some((point) => point.sampled)) return null;
  const isBetter = (a: Point, b: Point): boolean => (goal === "max" ? a.value > b.value : a.value < b.value);
  return points.reduce((best, point) => (isBetter(point, best) ? point : best));
}

function byTime(a: Point, b: Point): number {
  return (a.created ?? 0) - (b.created ?? 0) || a.number - b.number;
}

/** Places on the horizontal axis. `now`: over time, up to then; null: by number. */
function axisOf(drawn: readonly Point[], now: number | null): Pick<Picture, "numbers" | "x" | "time"> {
  const numbers = [...new Set(drawn.map((point) => point.number))].sort((a, b) => a - b);
  const place = new Map(numbers.map((number, index) => [number, index]));
  if (now === null) return { numbers, x: (point) => place.get(point.number) ?? 0, time: null };
  const times = drawn.map((point) => point.created ?? now);
  const from = times.reduce((least, time) => Math.min(least, time), now);
  const to = times.reduce((most, time) => Math.max(most, time), now);
  return { numbers, x: (point) => point.created ?? now, time: { from, to } };
}

/** Lines by model, largest first; points without a number, or over time without a date, are left out. `now`: see `axisOf`. */
export function arrange(metric: Metric, points: readonly Point[], now: number | null = null): Picture {
  const finite = points.filter((point) => Number.isFinite(point.value) && Number.isFinite(point.number));
  const drawn = now === null ? finite.sort(byNumber) : finite.filter((point) => point.created !== null).sort(byTime);
  const models = new Map<string, Point[]>();
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const point of drawn) {
    const line = models.get(point.model);
    if (line) line.push(point);
    else models.set(point.model, [point]);
    low = Math.min(low, point.value);
    high = Math.max(high, point.value);
  }
  const lines = [...models]
    .map(([model, its]) => ({ model, points: its, best: bestOf(metric, its) }))
    .sort((a, b) => b.points.length - a.points.length);
  return { lines, ...axisOf(drawn, now), low, high, count: drawn.length };
}

/** Models whose best version the sentence names. */
const NAMED_BEST = 3;

/** "val_accuracy of 14 versions of digits, from 0.9100 to 0.9870; best is version 12" */
export function sentence(metric: Metric, { lines, low, high, count }: Picture): string {
  const first = lines[0];
  if (!first) return `No version has a value of ${metric.key}.`;
  const only = lines.length === 1;
  if (count === 1) return `${metric.key} of version ${first.points[0]?.number} of ${first.model}: ${formatMetric(low)}`;
  const of = only ? first.model : `${lines.length} models`;
  const winners = lines.flatMap(({ best }) => best ?? []).map(({ model, number }) => (only ? `version ${number}` : `${model} ${number}`));
  const named = winners.slice(0, NAMED_BEST).join(", ");
  const best = winners.length === 0 ? "" : only ? `; best is ${named}` : `; best of their models are ${named}`;
  return `${metric.key} of ${count} versions of ${of}, from ${formatMetric(low)} to ${formatMetric(high)}${best}`;
}

/** Whether both give the same picture. */
export function samePoints(a: readonly Point[], b: readonly Point[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((point, index) => {
    const other = b[index];
    if (!other || point.id !== other.id || point.color !== other.color || point.label !== other.label) return false;
    if (point.aliases.join() !== other.aliases.join() || point.parents.length !== other.parents.length) return false;
    return (
      Object.is(point.value, other.value) &&
      point.sampled === other.sampled &&
      point.source === other.source &&
      point.created === other.created
    );
  });
}

/** The version that the others are compared with: the open one, else the best of the largest model. */
export function referenceOf({ lines }: Picture, selected: string | null): Point | null {
  const open = lines.flatMap((line) => line.points).find((point) => point.id === selected);
  return open ?? lines[0]?.best ?? null;
}

export function bandOf(around: Point, noise: SeedNoise): Band {
  const spread = Number(noise.deviation.toPrecision(2));
  const words = `within seed noise of ${around.model} ${around.number} (spread ${spread} from ${noise.trainings} trainings)`;
  return { around, low: around.value - noise.threshold, high: around.value + noise.threshold, words };
}

/** Whether other seeds alone explain the point. A band says nothing about other models. */
export function isWithin(band: Band, point: Point): boolean {
  return point.model === band.around.model && point.value >= band.low && point.value <= band.high;
}
