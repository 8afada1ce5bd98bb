/** Numbers, sizes and times as the reader sees them. Pure; the same text whatever the browser's language. */
import type { WireNumber } from "../api/types";

/** What stands where a value is absent. */
export const ABSENT = "–";

const TINY = 1e-4;
const HUGE = 1e6;
const SIGNIFICANT = 4;
/** The calendar's ends, in milliseconds since 1970: the years 1 and 9999. */
const [FIRST_MS, LAST_MS] = [-62_135_596_800_000, 253_402_300_799_999];

function exponential(value: number): string {
  const [mantissa = "", exponent = "0"] = value.toExponential(SIGNIFICANT - 1).split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return `${short}e${Number(exponent)}`;
}

/** Four to five significant digits; fit for a column of numbers. */
export function formatMetric(value: WireNumber | null): string {
  if (value === null || value === undefined) return ABSENT;
  if (value === "Infinity" || value === Number.POSITIVE_INFINITY) return "∞";
  if (value === "-Infinity" || value === Number.NEGATIVE_INFINITY) return "−∞";
  if (typeof value !== "number" || Number.isNaN(value)) return "NaN";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < TINY || size >= HUGE) return exponential(value);
  if (Number.isInteger(value)) return String(value);
  if (size >= 10 ** SIGNIFICANT) return String(Math.round(value));
  let digits = size < 1000 ? SIGNIFICANT : SIGNIFICANT + 1;
  while (size < 1 && Number(size.toPrecision(digits)) === 1) digits += 1; // 0.99996 is not 1.000
  return value.toPrecision(digits);
}

/** A number of JSON, or one of proto3's 64-bit integers, which travel as text; null where it is neither. */
export function toNumber(value: string | number | null | undefined): number | null {
  if (value === null || value === undefined || value === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** "4.7 kB": powers of 1,000, as disks and TensorFlow count. */
export function formatBytes(bytes: number | string | null | undefined): string {
  const count = toNumber(bytes);
  if (count === null || count < 0) return ABSENT;
  let size = count;
  let unit = 0;
  while (unit + 1 < BYTE_UNITS.length && size >= (unit === 0 ? 1000 : 999.5)) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : 1;
  return `${size.toFixed(digits)} ${BYTE_UNITS[unit]}`;
}

/** "118,282"; integers above 2^53 arrive, and leave, as text. */
export function formatCount(count: number | string | null | undefined): string {
  if (count === null || count === undefined) return ABSENT;
  const text = typeof count === "number" ? String(Math.round(count)) : count;
  return /^-?\d{1,20}$/.test(text) ? text.replace(/\B(?=(\d{3})+$)/g, ",") : ABSENT;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** "2026-11-23 07:04" in the reader's time zone. */
export function formatDate(ms: number | null): string {
  const date = new Date(ms ?? Number.NaN);
  if (Number.isNaN(date.getTime())) return ABSENT;
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** "2026-11-23T07:04:09.123Z"; of a time beyond the calendar, which anyone can write, the count. */
export function isoText(ms: number): string {
  if (Number.isNaN(ms)) return ABSENT;
  return ms >= FIRST_MS && ms <= LAST_MS ? new Date(ms).toISOString() : `${formatCount(ms)} ms since 1970`;
}

/** What HTML takes for a time; undefined where no date has it. */
export function machineTime(ms: number): string | undefined {
  return Number.isNaN(new Date(ms).getTime()) ? undefined : new Date(ms).toISOString();
}

/** "2026-11-23 07:04:09 +01:00": the whole truth, for a tooltip. */
export function formatDateFull(ms: number | null): string {
  const date = new Date(ms ?? Number.NaN);
  if (Number.isNaN(date.getTime())) return ABSENT;
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${formatDate(ms)}:${two(date.getSeconds())} ${zone}`;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTH = 30.44 * DAY;
const YEAR = 365.25 * DAY;
/** Clocks of two machines differ by this much without meaning anything, in seconds. */
const CLOCK_SKEW = 2 * MINUTE;

function span(seconds: number): string {
  const count = (unit: number): number => Math.max(1, Math.floor(seconds / unit));
  const words = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : "s"}`;
  if (seconds < HOUR) return `${count(MINUTE)} min`;
  if (seconds < DAY) return `${count(HOUR)} h`;
  if (seconds < 60 * DAY) return words(count(DAY), "day");
  if (seconds < 2 * YEAR) return words(count(MONTH), "month");
  return words(count(YEAR), "year");
}

/** "2 h ago"; "in 3 h" where the writer's clock is ahead of ours. */
export function formatAge(ms: number | null, now: number): string {
  if (ms === null || !Number.isFinite(ms)) return ABSENT;
  const seconds = (now - ms) / 1000;
  if (seconds < -CLOCK_SKEW) return `in ${span(-seconds)}`;
  return seconds < MINUTE ? "just now" : `${span(seconds)} ago`;
}

/** "3 min 20 s", "2 h 5 min": two units at most. */
export function formatDuration(seconds: number | string | null | undefined): string {
  const total = toNumber(seconds);
  if (total === null || total < 0) return ABSENT;
  if (total < 0.9995) return `${Math.round(total * 1000)} ms`;
  if (total < 9.95) return `${total.toFixed(1)} s`;
  const pair = (big: number, bigName: string, small: number, smallName: string): string => {
    const units = Math.round(total / small);
    const whole = Math.floor((units * small) / big);
    const rest = units - (whole * big) / small;
    return rest === 0 ? `${whole} ${bigName}` : `${whole} ${bigName} ${rest} ${smallName}`;
  };
  if (Math.round(total) < MINUTE) return `${Math.round(total)} s`;
  if (Math.round(total) < HOUR) return pair(MINUTE, "min", 1, "s");
  if (Math.round(total / MINUTE) < DAY / MINUTE) return pair(HOUR, "h", MINUTE, "min");
  return pair(DAY, "d", HOUR, "h");
}

/** Said of numbers that may be wrong because not every point of the curve was read. */
export function sampleWords(points: number): string {
  return `from a sample of ${formatCount(points)} points`;
}
