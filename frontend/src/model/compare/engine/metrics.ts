/** Metrics side by side: value, difference to the baseline, better or worse, and beyond noise or not. Pure. */
import type { CompareMetricDetails, MetricDetail, WireNumber } from "../../../api/types";
import { CONFIDENCE } from "../noise";
import { amountText, numberText, significant } from "../numbers";
import { ABSENT, type Cell, type LeftOut, plain, type Row, row, UNKNOWN } from "./cells";
import type { Interval } from "./intervals";
import { type Judgement, judge, type Reading, untested } from "./judge";
import { entry, type Member } from "./members";
import { some, visible } from "./text";

const ORIGINS = "The numbers have different origins.";
const SAMPLED = "A value comes from a sample of its run's curve, and may be another point's.";
const SOURCES: Record<string, string> = {
  typed: "typed in, or not said",
  log: "from the training log",
  evaluated: "evaluated on the export",
  imported: "as another tracker recorded it",
};

export interface Goal {
  goal: string;
  goal_source: string;
}

export type Goals = ReadonlyMap<string, string>;

/** A member's metrics, found by key and by name without a search. */
class Metrics {
  readonly named = new Map<string, string[]>();
  private readonly byKey = new Map<string, MetricDetail>();

  constructor(readonly member: Member) {
    for (const metric of member.metrics) {
      if (!this.byKey.has(metric.key)) this.byKey.set(metric.key, metric);
      this.named.set(metric.name, [...(this.named.get(metric.name) ?? []), metric.key]);
    }
  }

  reading(key: string): Reading | null {
    const metric = this.byKey.get(key);
    if (!metric) return null;
    const { member } = this;
    const [data, model] = [entry(member.comparing.curves, key)?.digest ?? "", member.facts.model ?? ""];
    const read = (value: number, point: Reading["point"], step: Reading["step"]): Reading => ({
      ...{ member, metric, data, model, value, point, step },
      interval: intervalOf(metric, value),
    });
    if (metric.at_export !== null) return read(Number(metric.at_export), "at export", metric.step);
    if (member.facts.kind === "run" && metric.last !== null) return read(Number(metric.last), "last", metric.last_step);
    return read(Number.NaN, "", null);
  }
}

const intervalOf = ({ lower, upper, confidence }: MetricDetail, value: number): Interval => ({
  value,
  lower: lower ?? null,
  upper: upper ?? null,
  confidence: confidence ?? null,
});

export function* metricRows(members: readonly Member[], baseline: number, goals: Goals, leftOut: LeftOut): Generator<Row> {
  const order = [members[baseline], ...members].flatMap((member) => member?.metrics ?? []);
  const metrics = members.map((member) => new Metrics(member));
  for (const key of leftOut.first(new Set(order.map((metric) => metric.key)), "metrics")) {
    const found = metrics.map((of) => of.reading(key));
    const base = found[baseline] ?? null;
    const [goal, disagreement] = goalOf(
      present(found).map((reading) => reading.metric),
      goals,
    );
    const cells = found.map((reading, i) =>
      reading ? readingCell(reading, i === baseline ? null : base, goal) : members[i]?.facts.kind === "folder" ? UNKNOWN : ABSENT,
    );
    const caution = [disagreement, ...cautions(found), elsewhere(metrics, found)].filter(Boolean).join(" ");
    yield row("metrics", key, key, cells, { caution, details: { ...goal } });
  }
}

const present = (found: readonly (Reading | null)[]): Reading[] => found.filter((reading) => reading !== null);
const shown = (found: readonly (Reading | null)[]): Reading[] => present(found).filter((reading) => reading.point !== "");

type Goaled = Pick<MetricDetail, "key" | "name" | "goal" | "goal_source">;

/** The goal, and a sentence where the members disagree. */
export function goalOf(metrics: readonly Goaled[], goals: Goals): [Goal, string] {
  const first = metrics[0];
  if (!first) return [{ goal: "unknown", goal_source: "unknown" }, ""];
  const asked = goals.get(first.key) || goals.get(first.name);
  if (asked) return [{ goal: asked, goal_source: "caller" }, ""];
  const said = [...new Set(metrics.filter((metric) => metric.goal_source === "manifest").map((metric) => metric.goal))];
  if (said.length > 1) return [{ goal: "unknown", goal_source: "unknown" }, "The manifests disagree on whether higher is better."];
  if (said[0]) return [{ goal: said[0], goal_source: "manifest" }, ""];
  return [{ goal: first.goal, goal_source: first.goal_source }, ""];
}

function* cautions(found: readonly (Reading | null)[]): Generator<string> {
  const having = shown(found);
  const bySource = new Map<string, string[]>();
  for (const { member, metric } of having) {
    const source = provenance(metric.source);
    bySource.set(source, [...(bySource.get(source) ?? []), member.facts.label]);
  }
  if (bySource.size > 1)
    yield `The numbers have different origins (${[...bySource].map(([source, names]) => `${some(names, 3)}: ${SOURCES[source]}`).join("; ")}).`;
  const lasts = having.filter((reading) => reading.point === "last").map((reading) => reading.member.facts.label);
  if (lasts.length > 0 && lasts.length < having.length)
    yield `${some(lasts, 3)}: the last value, because there is no export; all others: the value at export.`;
  for (const { member, metric } of present(found))
    if (metric.why_not) yield `${member.facts.label}: the value at export is ${metric.why_not}.`;
  for (const sentence of obstacles(found)) if (sentence !== ORIGINS) yield sentence;
}

const provenance = (source: string): string =>
  source === "run" || source === "inferred" ? "log" : Object.hasOwn(SOURCES, source) ? source : "typed";

/** Sentences why numbers can't be compared. */
export function* obstacles(found: readonly (Reading | null)[]): Generator<string> {
  const numbers = shown(found);
  const [origins, models] = [new Set(numbers.map(({ metric }) => provenance(metric.source))), new Set(numbers.map(({ model }) => model))];
  const data = new Set(numbers.map((reading) => reading.data));
  const isKnown = !data.delete("");
  if (origins.size > 1) yield ORIGINS;
  if (numbers.some(({ metric }) => metric.sample && metric.source === "run" && metric.at_export !== null)) yield SAMPLED;
  if (data.size > 1) yield "Measured on different data.";
  // Metrics of one name may be different ones.
  else if (!isKnown && [...models].filter(Boolean).length > 1)
    yield "The models are different, and it is not known whether these were measured on the same data.";
}

/** A sentence where a member lacks this metric and has it on other data. */
function elsewhere(metrics: readonly Metrics[], found: readonly (Reading | null)[]): string {
  const name = present(found)[0]?.metric.name ?? "";
  const told = metrics.flatMap((of, i) => {
    const others = found[i] ? undefined : of.named.get(name);
    return others ? [`${of.member.facts.label} has ${some(others, 2)}`] : [];
  });
  return told.length > 0 ? `Measured on other data, so not compared: ${told.slice(0, 3).join("; ")}.` : "";
}

function readingCell(reading: Reading, base: Reading | null, { goal }: Goal): Cell {
  const { metric, value, point } = reading;
  const details = detailsOf(reading, goal);
  if (!point) return { ...ABSENT, details };
  const text = numberText(value) + (point === "last" ? " (last)" : "");
  if (!base?.point) return plain(text, value, { details });
  const direction = directionOf(base.value, value, goal);
  const whyNot = [...obstacles([base, reading])].join(" ");
  const judged: Judgement = whyNot ? untested("unknown", whyNot) : judge(base, reading, goal, direction);
  const difference = finite(value - base.value);
  Object.assign(details, {
    difference,
    relative: base.value !== 0 && Number.isFinite(base.value) && difference !== null ? difference / Math.abs(base.value) : null,
    noise: noiseOf(judged),
    direction,
    is_comparable: whyNot === "",
    judgement: judgementText(judged, direction, whyNot === ""),
  });
  const regret = metric.regret ? `The run was better: ${visible(metric.regret)}.` : "";
  const reasons = [differenceText(base.value, value, goal), judged.words, regret].filter(Boolean);
  return plain(text, value, { verdict: judged.verdict, reasons, details });
}

function detailsOf({ member, metric, point, step }: Reading, goal: string): Cell["details"] {
  const [best_step, best] = bestOf(member, metric, goal);
  const { at_export, last, last_step, source, regret, why_not, sample } = metric;
  const [run, tag] = [metric.run, metric.tag].map((name) => name && visible(name));
  return { point, step, at_export, best, best_step, last, last_step, source, run, tag, regret, why_not, sample } satisfies Partial<
    Record<keyof CompareMetricDetails, unknown>
  >;
}

/** The best point by the goal that holds here, which may not be the metric's own. */
function bestOf(member: Member, metric: MetricDetail, goal: string): readonly [number | string | null, WireNumber | null] {
  if (goal === metric.goal) return [metric.best_step, metric.best];
  const curve = entry(member.comparing.curves, metric.key);
  return (goal === "max" ? curve?.highest : goal === "min" ? curve?.lowest : undefined) ?? [null, null];
}

function noiseOf({ verdict, method, counts, test, words }: Judgement): Cell["details"] {
  const told = (value: number | undefined) => (value === undefined ? null : nineDigits(value));
  return {
    verdict,
    method,
    n: counts,
    difference: told(test?.difference),
    threshold: told(test?.threshold),
    spread: told(test?.spread),
    degrees: told(test?.degrees),
    confidence: CONFIDENCE,
    words,
  };
}

/** cos and pow differ between machines in the digits behind these. */
const nineDigits = (value: number): number => (Number.isFinite(value) ? Number(significant(value, 9)) : value);

export const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

export function differenceText(base: number, value: number, goal: string): string {
  const difference = finite(value - base);
  if (difference === null) return "";
  const amount = amountText(base, value, goal);
  const sign = difference > 0 ? "+" : difference < 0 ? "−" : "±";
  return `${sign}${numberText(Math.abs(difference))}${amount && ` (${amount})`}`;
}

export function directionOf(base: number, value: number, goal: string): string {
  if (Number.isNaN(base) || Number.isNaN(value)) return "unknown";
  if (base === value) return "equal";
  if (goal === "unknown") return value > base ? "higher" : "lower";
  return value > base === (goal === "max") ? "better" : "worse";
}

/** The verdict in a few words, honest about what is not known. */
export function judgementText(judged: Judgement, direction: string, comparable: boolean): string {
  if (!comparable) return "not measured alike";
  if (direction === "equal") return "equal";
  if (judged.verdict !== "unknown") return judged.verdict;
  return direction === "better" || direction === "worse" ? `${direction}, noise not known` : "not known whether better";
}
