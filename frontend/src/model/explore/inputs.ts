/** The ends of a range as an input has them. Pure. */
import type { Column } from "../columns";
import type { Axis } from "./axis";

const MINUTE = 60_000;

/** A date in the reader's time zone as `datetime-local` wants it. */
function localDate(ms: number): string {
  const date = new Date(ms);
  const shifted = new Date(ms - date.getTimezoneOffset() * MINUTE); // NaN also at the ends of what a date can be
  return Number.isNaN(shifted.getTime()) ? "" : shifted.toISOString().slice(0, 16);
}

export function toInput({ role }: Column, value: number): string {
  return role === "date" ? localDate(value) : String(Number(value.toPrecision(9)));
}

/** null: nothing, or nothing that is a number. */
export function fromInput({ role }: Column, text: string): number | null {
  const value = role === "date" ? new Date(text).getTime() : Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? null : value;
}

/** The range with one end changed; an end that is not given is the axis' own, and the smaller comes first. */
export function withEnd(axis: Axis, range: Brushed, at: 0 | 1, value: number | null): Brushed {
  const ends: [number | null, number | null] = [range?.[0] ?? null, range?.[1] ?? null];
  ends[at] = value;
  if (ends[0] === axis.low) ends[0] = null;
  if (ends[1] === axis.high) ends[1] = null;
  if (ends[0] === null && ends[1] === null) return null;
  const [low, high] = [ends[0] ?? Math.min(axis.low, ends[1] as number), ends[1] ?? Math.max(axis.high, ends[0] as number)];
  return low <= high ? [low, high] : [high, low];
}

type Brushed = readonly [number, number] | null;
