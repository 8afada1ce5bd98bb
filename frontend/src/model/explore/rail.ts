/** An axis at its length on screen: where values are drawn, and what a drag along it means. Pure; pixels from the low end. */
import { type Axis, share, ticksOf, valueAt } from "./axis";
import { type Brush, NO_BRUSH, SPECIAL_NAMES, type Special, specialOf, textOf } from "./brush";

export interface Span {
  from: number;
  to: number;
}

export interface Rail {
  axis: Axis;
  length: number;
  /** Of the numbers or texts. */
  main: Span;
  bands: readonly (Span & { special: Special; count: number })[];
}

export interface Mark {
  at: number;
  label: string;
  /** Of what has no place on the scale: how many there are. */
  band: boolean;
  count: number;
}

/** Room of what has no place on the scale, and between it and the scale. */
const [BAND, GAP] = [16, 8];
/** More numbers can't be read. */
const MOST_MARKS = 10;
/** Keeps the extremes off the ends of the axis. */
const PAD = 5;

export function layRail(axis: Axis, length: number): Rail {
  const below = axis.specials.filter(({ special }) => special !== "high");
  const above = axis.specials.filter(({ special }) => special === "high");
  const bands = [
    ...below.map((each, index) => ({ ...each, from: index * BAND, to: (index + 1) * BAND })),
    ...above.map((each) => ({ ...each, from: length - BAND, to: length })),
  ];
  const from = below.length * BAND + (below.length > 0 ? GAP : 0);
  const to = length - above.length * BAND - (above.length > 0 ? GAP : 0);
  return { axis, length, main: { from, to: Math.max(from + 2 * PAD, to) }, bands };
}

const middle = ({ from, to }: Span): number => (from + to) / 2;

function textSpan({ axis, main }: Rail, index: number): Span {
  const step = (main.to - main.from) / Math.max(1, axis.texts.length);
  return { from: main.from + index * step, to: main.from + (index + 1) * step };
}

/** Where a part of the scale of numbers ends, from 0 to 1. */
export function partAt({ main }: Rail, part: number): number {
  return main.from + PAD + part * (main.to - main.from - 2 * PAD);
}

function numberAt(rail: Rail, value: number): number {
  return partAt(rail, share(rail.axis, value));
}

/** From -0.5 to 0.5, the same for a row each time. */
const jitter = (row: number): number => ((row * 0.618034) % 1) - 0.5;

/** The place of each row, in the order of the rows. `spread`: texts and bands are no lines but strips, so that points don't hide each other. */
export function places(rail: Rail, rows: Uint32Array, spread = false): Float32Array {
  const { axis, bands } = rail;
  const { column } = axis;
  const { cells } = column;
  const band = new Map(bands.map((each) => [each.special, each]));
  const spans = new Map(axis.texts.map(({ text }, index) => [text, textSpan(rail, index)]));
  const inSpan = (span: Span, row: number): number => middle(span) + (spread ? jitter(row) * 0.6 * (span.to - span.from) : 0);
  const out = new Float32Array(rows.length);
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as number;
    const special = specialOf(column, row);
    if (special === null && cells.kind === "number") out[at] = numberAt(rail, cells.values[row] as number);
    else out[at] = inSpan((special === null ? spans.get(textOf(column, row)) : band.get(special)) ?? rail.main, row);
  }
  return out;
}

/** Places as pixels from the left, and as pixels from the top. */
export function shifted(own: Float32Array, left: number): Float32Array {
  for (let at = 0; at < own.length; at++) own[at] = left + (own[at] as number);
  return own;
}

export function flipped(own: Float32Array, bottom: number): Float32Array {
  for (let at = 0; at < own.length; at++) own[at] = bottom - (own[at] as number);
  return own;
}

/** Without those that would touch the one before. */
function apart(marks: readonly Mark[], room: number): Mark[] {
  const kept: Mark[] = [];
  for (const mark of marks) if (mark.at - (kept.at(-1)?.at ?? Number.NEGATIVE_INFINITY) >= room) kept.push(mark);
  return kept;
}

/** What is written along the axis: round numbers, texts that have room, the bands. */
export function marksOf(rail: Rail, room: number): Mark[] {
  const { axis, main, bands } = rail;
  const marks = bands.map((band) => ({ at: middle(band), label: SPECIAL_NAMES[band.special], band: true, count: band.count }));
  if (axis.kind === "numbers") {
    const { at, label } = ticksOf(axis, Math.max(3, Math.min(MOST_MARKS, Math.floor((main.to - main.from) / room))));
    const inside = at.filter((value) => value >= axis.low && value <= axis.high);
    const round = inside.map((value) => ({ at: numberAt(rail, value), label: label(value), band: false, count: 0 }));
    return [...marks, ...apart(round, axis.few.length > 0 ? room / 2 : 0)];
  }
  const every = Math.ceil((room / 2) * (axis.texts.length / Math.max(1, main.to - main.from)));
  const shown = axis.texts.flatMap(({ text, count }, index) =>
    index % every === 0 ? [{ at: middle(textSpan(rail, index)), label: text, band: false, count }] : [],
  );
  return [...marks, ...shown];
}

const touches = (span: Span, from: number, to: number): boolean => middle(span) >= from && middle(span) <= to;

/** No more digits than a pixel tells; the ends of the scale exactly. */
function valueNear(rail: Rail, at: number): number {
  const { axis, main } = rail;
  const length = main.to - main.from - 2 * PAD;
  const part = (at - main.from - PAD) / length;
  if (part <= 0) return axis.low;
  if (part >= 1) return axis.high;
  const value = valueAt(axis, part);
  const pixel = Math.abs(valueAt(axis, part + 1 / length) - value);
  const digits = Math.ceil(Math.log10(Math.abs(value) / pixel)) + 1;
  return Number.isFinite(digits) ? Number(value.toPrecision(Math.min(15, Math.max(2, digits)))) : value;
}

/** What lies between two places of the axis; where that is nothing whole, the text or band at its middle. */
export function brushBetween(rail: Rail, a: number, b: number): Brush {
  const { axis, main, bands } = rail;
  const [from, to] = [Math.min(a, b), Math.max(a, b)];
  const specials = bands.filter((band) => touches(band, from, to)).map(({ special }) => special);
  const texts = axis.texts.filter((_, index) => touches(textSpan(rail, index), from, to)).map(({ text }) => text);
  const some = axis.kind === "numbers" && !Number.isNaN(axis.low) && to >= main.from && from <= main.to;
  if (!some && texts.length + specials.length === 0) return brushAt(rail, (from + to) / 2) ?? { ...NO_BRUSH, id: axis.column.id };
  return { id: axis.column.id, range: some ? [valueNear(rail, from), valueNear(rail, to)] : null, texts, specials };
}

/** The text or band at a place; null on a scale of numbers, where a place alone says nothing. */
export function brushAt(rail: Rail, at: number): Brush | null {
  const { axis, bands } = rail;
  const within = (span: Span): boolean => at >= span.from && at < span.to;
  const band = bands.find(within);
  if (band) return { ...NO_BRUSH, id: axis.column.id, specials: [band.special] };
  const index = axis.texts.findIndex((_, each) => within(textSpan(rail, each)));
  return index < 0 ? null : { ...NO_BRUSH, id: axis.column.id, texts: [axis.texts[index]?.text as string] };
}

/** The parts of the axis that a brush lets through. */
export function brushSpans(rail: Rail, brush: Brush): Span[] {
  const { axis, main, bands } = rail;
  const spans: Span[] = bands.filter(({ special }) => brush.specials.includes(special)).map(({ from, to }) => ({ from, to }));
  if (axis.kind === "texts") {
    const chosen = new Set(brush.texts);
    return [...spans, ...axis.texts.flatMap(({ text }, index) => (chosen.has(text) ? [textSpan(rail, index)] : []))];
  }
  const [low, high] = brush.range ?? [Number.NaN, Number.NaN];
  if (!(low <= axis.high && high >= axis.low)) return spans;
  const from = low <= axis.low ? main.from : numberAt(rail, low);
  return [...spans, { from, to: high >= axis.high ? main.to : numberAt(rail, high) }];
}
