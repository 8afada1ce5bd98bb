/** Any column as colours of the versions: a sequence for numbers, one for each text. Pure. */
import type { Column } from "../columns";
import { type Axis, buildAxis, share, valueAt } from "./axis";
import { type Brush, NO_BRUSH, SPECIAL_NAMES, type Special, specialOf, textOf } from "./brush";

export interface Entry {
  /** Index into the palette. */
  code: number;
  label: string;
  count: number;
  /** The brush that shows only these; null for several texts together. */
  brush: Brush | null;
}

export interface Coloring {
  axis: Axis;
  kind: "numbers" | "texts" | "constant";
  /** For each row of the table an index into `palette`. */
  codes: Uint8Array;
  /** In the order of drawing: later ones lie on top. */
  palette: readonly string[];
  entries: readonly Entry[];
  /** Of numbers: the ends of the sequence. Single values far from all others have the colour of an end. */
  ends: readonly [number, number];
}

/**
 * Lightness goes one way and away from the ground, so that the order is seen without telling hues apart;
 * each has a contrast of 3 to the ground.
 */
const SEQUENCE = {
  light: ["#c07f00", "#c4552d", "#a22a6b", "#5c2a9d", "#1a1a6e"],
  dark: ["#9a7ade", "#d777b5", "#f0907a", "#fdbb55", "#fbf07a"],
};

/** Told apart by people who don't see red and green alike, and each with a contrast of 3 to the ground. */
const EACH = {
  light: ["#0072b2", "#d55e00", "#00795b", "#a8488a", "#7a6500", "#3c3c9e", "#b02a2a", "#3a8a9e"],
  dark: ["#56b4e9", "#ff9d4d", "#2fc79a", "#e79bc8", "#f0e442", "#a9a9ff", "#ff8a80", "#9be7f5"],
};
/** For what has no value. */
const GREY = { light: "#757575", dark: "#a8a8a8" };

const STEPS = 32;
export const MOST_TEXTS = EACH.light.length;

const channels = (color: string): number[] => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));

function between(stops: readonly string[], at: number): string {
  const place = at * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  const [from, to] = [channels(stops[index] as string), channels(stops[index + 1] as string)];
  const mixed = from.map((value, channel) => Math.round(value + (place - index) * ((to[channel] as number) - value)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

export function sequence(dark: boolean, steps = STEPS): string[] {
  const stops = dark ? SEQUENCE.dark : SEQUENCE.light;
  return Array.from({ length: steps }, (_, step) => between(stops, steps === 1 ? 1 : step / (steps - 1)));
}

export const each = (dark: boolean): readonly string[] => (dark ? EACH.dark : EACH.light);
export const grey = (dark: boolean): string => (dark ? GREY.dark : GREY.light);

function specialEntries({ column, specials }: Axis): Entry[] {
  const label = ({ special }: { special: Special }): string => SPECIAL_NAMES[special];
  return specials.map((one) => ({
    code: 0,
    label: label(one),
    count: one.count,
    brush: { ...NO_BRUSH, id: column.id, specials: [one.special] },
  }));
}

/** Up to where a value is no outlier, by Tukey's fences on the axis' scale; as shares of the axis. */
function fences(shares: Float64Array): [number, number] {
  const sorted = shares.filter((at) => !Number.isNaN(at)).sort();
  const quartile = (part: number): number => sorted[Math.round(part * (sorted.length - 1))] as number;
  const [first, third] = [quartile(0.25), quartile(0.75)];
  const reach = 1.5 * (third - first);
  if (sorted.length < 8 || !(reach > 0)) return [0, 1];
  const low = sorted.find((at) => at >= first - reach) ?? 0;
  const high = sorted.findLast((at) => at <= third + reach) ?? 1;
  return [low, high];
}

/** Code 0 is grey: no value. */
function byNumber(axis: Axis, rows: Uint32Array, { count, dark }: Canvas): Coloring {
  const { column } = axis;
  const values = column.cells.kind === "number" ? column.cells.values : new Float64Array(count);
  const at = (row: number): number => (Number.isFinite(values[row] as number) ? share(axis, values[row] as number) : Number.NaN);
  const [low, high] = fences(Float64Array.from(rows, at));
  const codes = new Uint8Array(count);
  for (const row of rows) {
    const part = (at(row) - low) / (high - low);
    if (!Number.isNaN(part)) codes[row] = 1 + Math.round(Math.max(0, Math.min(1, part)) * (STEPS - 1));
  }
  const ends = [low <= 0 ? axis.low : valueAt(axis, low), high >= 1 ? axis.high : valueAt(axis, high)] as const;
  return { axis, kind: "numbers", codes, palette: [grey(dark), ...sequence(dark)], entries: specialEntries(axis), ends };
}

interface Canvas {
  /** Of the table's rows. */
  count: number;
  dark: boolean;
}

/** The most frequent texts have a colour each, the others grey together. */
function byText(axis: Axis, { count, dark }: Canvas): Coloring {
  const { column, texts } = axis;
  const most = [...texts].sort((a, b) => b.count - a.count).slice(0, MOST_TEXTS);
  const colored = texts.filter((one) => most.includes(one));
  const place = new Map(colored.map(({ text }, index) => [text, index + 1]));
  const codes = Uint8Array.from({ length: count }, (_, row) =>
    specialOf(column, row) === null ? (place.get(textOf(column, row)) ?? 0) : 0,
  );
  const entries: Entry[] = colored.map(({ text, count: its }, index) => ({
    code: index + 1,
    label: text,
    count: its,
    brush: { ...NO_BRUSH, id: column.id, texts: [text] },
  }));
  const others = texts.filter((one) => !most.includes(one));
  const its = others.reduce((sum, one) => sum + one.count, 0);
  if (its > 0) entries.push({ code: 0, label: `${others.length} others`, count: its, brush: null });
  return {
    axis,
    kind: "texts",
    codes,
    palette: [grey(dark), ...each(dark)],
    entries: [...entries, ...specialEntries(axis)],
    ends: [Number.NaN, Number.NaN],
  };
}

export function colorBy(column: Column | null, rows: Uint32Array, canvas: Canvas): Coloring | null {
  if (column === null) return null;
  const axis = buildAxis(column, rows);
  const constant = axis.kind === "numbers" ? !(axis.low < axis.high) : axis.texts.length < 2;
  const coloring = axis.kind === "numbers" ? byNumber(axis, rows, canvas) : byText(axis, canvas);
  return constant ? { ...coloring, kind: "constant" } : coloring;
}

/** The codes in the order of drawing: what is better, or larger, on top. */
export function drawingOrder({ axis, palette }: Coloring): number[] {
  const codes = palette.map((_, code) => code);
  return axis.column.goal === "min" ? [0, ...codes.slice(1).reverse()] : codes;
}
