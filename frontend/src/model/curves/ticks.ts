/** Round numbers, times and powers for an axis, inside of a range. Pure. */
import { ABSENT, formatMetric } from "../format";

export interface Ticks {
  at: number[];
  label(value: number): string;
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
}

function multiples(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return last - first > 1000 ? [] : Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

const grouped = (text: string): string => text.replace(/^(-?\d+)/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));

export function linearTicks(low: number, high: number, most: number, whole = false): Ticks {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return { at: [low], label: formatMetric };
  const rough = roundStep(span / Math.max(1, most));
  const step = whole ? Math.max(1, Math.round(rough)) : rough;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const large = Math.max(Math.abs(low), Math.abs(high));
  const plain = digits <= 6 && large < 1e9;
  const label = (value: number): string =>
    plain ? grouped((Math.abs(value) < step / 2 ? 0 : value).toFixed(digits)) : formatMetric(Math.abs(value) < step / 2 ? 0 : value);
  return { at: multiples(low, high, step), label };
}

/** `low` and `high` are positive; ticks are numbers, not their logarithms. */
export function logTicks(low: number, high: number, most: number): Ticks {
  const decades = Math.log10(high / low);
  if (!(decades > 0) || !Number.isFinite(decades)) return { at: [low], label: formatMetric };
  if (decades < 0.6) return linearTicks(low, high, most);
  const leads = decades * 9 <= most * 2 ? [1, 2, 3, 5, 7] : decades * 3 <= most + 2 ? [1, 2, 5] : [1];
  const every = leads.length > 1 ? 1 : Math.max(1, Math.ceil(decades / most));
  const at: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    if (power % every !== 0) continue;
    for (const lead of leads) {
      const value = Number(`${lead}e${power}`);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) at.push(value);
    }
  }
  return { at, label: (value) => String(Number(value.toPrecision(3))).replace("e+", "e") };
}

const SECOND_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
const DAY = 86_400;

function secondStep(rough: number): number {
  return SECOND_STEPS.find((step) => step >= rough) ?? roundStep(rough / DAY) * DAY;
}

/** Seconds since the start of a run. */
export function durationTicks(low: number, high: number, most: number): Ticks {
  const span = high - low;
  const rough = span / Math.max(1, most);
  const step = rough < 1 ? roundStep(rough || 1) : secondStep(rough);
  return { at: span > 0 ? multiples(low, high, step) : [low], label: (value) => durationLabel(value, step) };
}

function durationLabel(seconds: number, step: number): string {
  const sign = seconds < 0 ? "−" : "";
  const size = Math.abs(seconds);
  if (step < 1) return `${sign}${size.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))} s`;
  const total = Math.round(size);
  if (total === 0) return "0";
  const parts: [number, string][] = [
    [Math.floor(total / DAY), "d"],
    [Math.floor((total % DAY) / 3600), "h"],
    [Math.floor((total % 3600) / 60), "min"],
    [total % 60, "s"],
  ];
  return (
    sign +
    parts
      .filter(([count]) => count > 0)
      .map(([count, unit]) => `${count} ${unit}`)
      .join(" ")
  );
}

const two = (value: number): string => String(value).padStart(2, "0");

/** Milliseconds since the epoch, in the reader's time zone. */
export function wallTicks(low: number, high: number, most: number): Ticks {
  const span = (high - low) / 1000;
  const step = secondStep(Math.max(1, span / Math.max(1, most))) * 1000;
  const shift = new Date(low).getTimezoneOffset() * 60_000;
  const at = span > 0 ? multiples(low - shift, high - shift, step).map((value) => value + shift) : [low];
  const label = (value: number): string => {
    const date = new Date(value);
    if (Number.isNaN(date.getTime())) return ABSENT;
    const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
    const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
    if (step >= DAY * 1000) return day;
    if (span > DAY) return `${day} ${clock}`;
    return step < 60_000 ? `${clock}:${two(date.getSeconds())}` : clock;
  };
  return { at, label };
}
