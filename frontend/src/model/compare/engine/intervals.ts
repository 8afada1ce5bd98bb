/** Does a difference of two values lie beyond their intervals? As `tb_versions/comparison/rows/intervals.py`, word for word. Pure. */
import { numberText } from "../numbers";

/** Intervals of a lower confidence decide nothing. */
const LEAST_CONFIDENCE = 0.9;

export interface Interval {
  value: number;
  lower: number | null;
  upper: number | null;
  confidence: number | null;
}

/** `isApart`: null where the intervals do not tell. */
export interface Finding {
  isApart: boolean | null;
  words: string;
}

const unknown = (why: string): Finding => ({ isApart: null, words: `The noise is not known: ${why}.` });

export const percentOf = (share: number): string => `${numberText(100 * share)} %`;

export const isKnown = ({ lower, upper }: Interval): boolean => lower !== null || upper !== null;

/** Of two different values only the ends that face each other count. */
export function compareIntervals(base: Interval, other: Interval): Finding {
  const isLow = base.value < other.value;
  const [mine, theirs] = isLow ? [base.upper, other.lower] : [base.lower, other.upper];
  if (mine === null && theirs === null) return unknown("neither value has an interval");
  if (mine === null || theirs === null) return unknown(`${mine === null ? "the baseline" : "this one"} has no interval`);
  if (base.confidence === null || other.confidence === null) return unknown("the confidence of an interval is not said");
  const said = [base.confidence, other.confidence];
  const least = Math.min(...said);
  if (least < LEAST_CONFIDENCE)
    return unknown(`an interval of ${percentOf(least)} is too narrow; ${percentOf(LEAST_CONFIDENCE)} and more decide`);
  const levels = [...new Set(said.map(percentOf))].join(" and ");
  const ends = `${textOf(base)} and ${textOf(other)} (${levels})`;
  if (isLow ? mine < theirs : theirs < mine)
    return { isApart: true, words: `The intervals lie apart: ${ends}. The effect of other seeds is not known.` };
  return { isApart: false, words: `The intervals overlap: ${ends}, so the difference may be noise.` };
}

function textOf({ lower, upper }: Interval): string {
  const [low, high] = [lower, upper].map((end) => (end === null ? "?" : numberText(end)));
  return `${low} to ${high}`;
}
