/** A tight axis with round ticks. Pure. */
import { formatMetric } from "../model/format";

export interface Scale {
  min: number;
  max: number;
  step: number;
  /** A tick in words, as exact as the step. */
  label(value: number): string;
}

/** Beyond this an axis would not fit into a double. */
const LARGEST = 1e300;
/** Below this neither. */
const SMALLEST = 1e-280;

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  return (lead < 1.5 ? 1 : lead < 3.2 ? 2 : lead < 7.1 ? 5 : 10) * power;
}

/** Digits behind the point that a multiple of the step needs. */
function decimals(step: number): number {
  return Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
}

function labelFor(step: number, largest: number): (value: number) => string {
  const digits = decimals(step);
  if (digits > 6 || largest >= 1e6) return (value) => formatMetric(Math.abs(value) < step / 2 ? 0 : value);
  return (value) => value.toFixed(digits).replace(/^-(0(?:\.0*)?)$/, "$1");
}

/** About `ticks` steps that hold all values between low and high, and little else. */
export function tightScale(low: number, high: number, ticks = 4): Scale {
  let bottom = Math.max(-LARGEST, Math.min(low, high));
  let top = Math.min(LARGEST, Math.max(low, high));
  const size = Math.max(Math.abs(bottom), Math.abs(top));
  // One value, or values that differ by less than a double can show: some room around it.
  if (top - bottom <= Math.max(size * 1e-12, SMALLEST)) {
    const room = size > SMALLEST ? size * 0.02 : 1;
    bottom -= room;
    top += room;
  }
  const step = roundStep((top - bottom) / ticks);
  const min = Math.floor(bottom / step + 1e-9) * step;
  const max = Math.ceil(top / step - 1e-9) * step;
  return { min, max, step, label: labelFor(step, Math.max(Math.abs(min), Math.abs(max))) };
}
