/** Whether a difference is more than noise: trainings with other seeds first, then the curves. Pure. */
import type { CompareNoise, MetricDetail } from "../../../api/types";
import { type Group, isBeyond, type NoiseTest, overCurves, overSeeds, type Spread } from "../noise";
import { numberText } from "../numbers";
import { compareIntervals, type Interval, isKnown } from "./intervals";
import { entry, type Member } from "./members";

const FROM_LOG: readonly string[] = ["log", "run", "inferred"];

/** A member's number: at its export, or the last of a run that made no version. */
export interface Reading {
  member: Member;
  metric: MetricDetail;
  value: number;
  point: "at export" | "last" | "";
  step: number | string | null;
  /** Digest of what it was measured on; "" where nobody can say. */
  data: string;
  /** "" of a run. */
  model: string;
  /** What is known of the number's interval. */
  interval: Interval;
}

export interface Judgement {
  verdict: CompareNoise["verdict"];
  method: CompareNoise["method"];
  words: string;
  counts: [number, number];
  test: NoiseTest | null;
}

/** A difference that was tested, before the goal says what it means. */
interface Tested extends Omit<Judgement, "verdict"> {
  isBeyond: boolean;
}

export const untested = (verdict: Judgement["verdict"], words: string): Judgement => ({
  verdict,
  words,
  method: "",
  counts: [0, 0],
  test: null,
});

export function judge(base: Reading, other: Reading, goal: string, direction: string): Judgement {
  if (!Number.isFinite(base.value) || !Number.isFinite(other.value))
    return untested("unknown", "A value that is not a finite number can't be compared.");
  if (direction === "equal") return untested("within noise", "The values are equal.");
  const tested = bySeeds(base, other) ?? byCurves(base, other);
  if (!tested && (isKnown(base.interval) || isKnown(other.interval))) return byIntervals(base, other, goal, direction);
  if (!tested) {
    const why = "there are no trainings with other seeds, and no curves that are long enough";
    return untested("unknown", `The noise is not known: ${why}.`);
  }
  const { isBeyond: matters, ...told } = tested;
  if (!matters) return { ...told, verdict: "within noise" };
  if (goal === "unknown") return { ...told, verdict: "unknown", words: `${told.words} Whether higher is better is not known.` };
  return { ...told, verdict: direction === "better" ? "better" : "worse" };
}

/** Of two different finite values. */
export function byIntervals(base: Reading, other: Reading, goal: string, direction: string): Judgement {
  const { isApart, words } = compareIntervals(base.interval, other.interval);
  if (isApart === null) return untested("unknown", words);
  const judged = { ...untested("within noise", words), method: "intervals" as const };
  if (!isApart) return judged;
  if (goal === "unknown") return { ...judged, verdict: "unknown", words: `${words} Whether higher is better is not known.` };
  return { ...judged, verdict: direction === "better" ? "better" : "worse" };
}

/** Whether two trainings differ in their seeds only, which is noise whatever the numbers say. */
export const areOfOneRecipe = (base: Member, other: Member): boolean =>
  base.comparing.recipe !== "" && base.comparing.recipe === other.comparing.recipe && runOf(base) !== runOf(other);

export const SAME_RECIPE = "Only their seeds differ, as far as was recorded, so the difference is seed noise.";

function bySeeds(base: Reading, other: Reading): Tested | null {
  const groups = [groupOf(base), groupOf(other)] as const;
  const counts: [number, number] = [groups[0].count, groups[1].count];
  if (areOfOneRecipe(base.member, other.member)) return { isBeyond: false, method: "same recipe", words: SAME_RECIPE, counts, test: null };
  const { recipe } = base.member.comparing;
  if (recipe && recipe === other.member.comparing.recipe) return null; // two exports of one training
  const test = overSeeds(...groups);
  if (!test) return null;
  const agrees = test.difference > 0 === other.value > base.value;
  const words =
    `Means of ${counts[1]} and ${counts[0]} trainings with different seeds differ by ${signed(test.difference)}; ` +
    `seed noise explains up to ${numberText(test.threshold)} (95 %, spread ${numberText(test.spread)}).`;
  return { isBeyond: isBeyond(test) && agrees, method: "seeds", words, counts, test };
}

function byCurves(base: Reading, other: Reading): Tested | null {
  const told = [base, other].map(spreadOf).filter((spread) => spread !== undefined);
  const spreads = told.filter((spread) => spread !== null);
  if (spreads.length < told.length) return null;
  const test = overCurves(other.value - base.value, spreads);
  if (!test) return null;
  const words =
    `The values differ by ${signed(test.difference)}; the late part of the curves varies so much that differences up to ` +
    `${numberText(test.threshold)} mean nothing (95 %, spread ${numberText(test.spread)}). The effect of other seeds is not known.`;
  return { isBeyond: isBeyond(test), method: "curves", words, counts: [spreads[0]?.count ?? 0, spreads.at(-1)?.count ?? 0], test };
}

function groupOf({ member, metric, value }: Reading): Group {
  const told = entry(member.comparing.seeds, metric.key);
  if (!told) return { count: 1, mean: value, deviation: 0 };
  return { count: told[0], mean: Number(told[1]), deviation: Number(told[2]) };
}

/** undefined without a curve, null where it does not tell. */
function spreadOf({ member, metric }: Reading): (Spread & { count: number }) | null | undefined {
  const spread = FROM_LOG.includes(metric.source) ? entry(member.comparing.curves, metric.key)?.spread : undefined;
  return spread && { deviation: Number(spread[0]), degrees: Number(spread[1]), count: spread[2] };
}

const runOf = ({ facts }: Member): string => facts.runs[0]?.name ?? facts.id;

export const signed = (value: number): string => (value > 0 ? "+" : value < 0 ? "−" : "") + numberText(Math.abs(value));
