/** Slices side by side, those that lose most first. As `tb_versions/comparison/rows/slices.py`, word for word. Pure. */
import type { MetricDetail } from "../../../api/types";
import { isFew, metricKey, type Sliced, type SliceValue } from "../../slices";
import { grouped, numberText } from "../numbers";
import { ABSENT, type Cell, type LeftOut, plain, type Row, row, UNKNOWN } from "./cells";
import { percentOf } from "./intervals";
import { areOfOneRecipe, byIntervals, type Judgement, type Reading, SAME_RECIPE, untested } from "./judge";
import type { Member } from "./members";
import { differenceText, directionOf, finite, type Goal, type Goals, goalOf, judgementText, obstacles } from "./metrics";
import { count, some } from "./text";

/** Most cells of slices in one comparison. */
const MOST_CELLS = 20_000;

/** A member's slices of one metric. */
interface Of {
  member: Member;
  group: Sliced | undefined;
}

/** A member's value of a slice. */
interface Read {
  of: Of;
  found: SliceValue;
  reading: Reading;
}

interface Slice {
  part: string;
  found: (Read | null)[];
  base: Read | null;
  goal: Goal;
  disagreement: string;
  loss: number | null;
}

export function* sliceRows(members: readonly Member[], baseline: number, goals: Goals, leftOut: LeftOut): Generator<Row> {
  const order = [members[baseline], ...members].flatMap((member) => member?.slices ?? []);
  const metrics = new Map(order.map(({ name, dataset }) => [JSON.stringify([name, dataset]), { name, dataset }]));
  const most = Math.max(1, Math.floor(Math.floor(MOST_CELLS / members.length) / Math.max(1, metrics.size)));
  let left = 0;
  for (const { name, dataset } of metrics.values()) {
    const of = members.map((member): Of => ({ member, group: member.slices.find((g) => g.name === name && g.dataset === dataset) }));
    if (of.filter(({ group }) => group).length < 2) {
      yield counted(of, metricKey(name, dataset));
      continue;
    }
    const all = slicesOf(of, baseline, goalsFor(goals, name, dataset)).sort(byLoss);
    left += Math.max(0, all.length - most);
    const rows = all.slice(0, most).map((slice) => rowOf(slice, of));
    const [first, ...rest] = rows;
    if (first) yield { ...first, caution: [...cautions(of, all, rows)].join(" ") };
    yield* rest;
  }
  leftOut.set("slices", left);
}

/** A goal that is given for the metric on the whole dataset holds for its slices. */
function goalsFor(goals: Goals, name: string, dataset: string): Goals {
  const asked = goals.get(metricKey(name, dataset));
  return asked ? new Map([...goals, [name, asked]]) : goals;
}

function counted(of: readonly Of[], name: string): Row {
  const cells = of.map((each) => {
    if (!each.group) return missing(each);
    return plain(count(each.group.slices.size, "slice"), each.group.slices.size);
  });
  return row("slices", `${name} (slices)`, `slices of ${name}`, cells);
}

const missing = ({ member }: Of): Cell => (member.hasManifest ? ABSENT : UNKNOWN);

const byLoss = (a: Slice, b: Slice): number => Number(a.loss === null) - Number(b.loss === null) || (b.loss ?? 0) - (a.loss ?? 0);

function readingOf({ member, group }: Of, found: SliceValue): Reading {
  const { name = "", dataset = "", digest = "", goal = "unknown", goalSource = "unknown" } = group ?? {};
  const metric: MetricDetail = {
    ...{ key: metricKey(name, dataset, found.slice), name, dataset, slice: found.slice, goal, goal_source: goalSource },
    ...{ source: found.source, step: null, at_export: found.value, run: null, tag: null, best: null, best_step: null },
    ...{ last: null, last_step: null, regret: null, why_not: null, sample: null },
  };
  return {
    member,
    metric,
    value: found.value,
    point: "at export",
    step: null,
    data: digest,
    model: member.facts.model ?? "",
    interval: found,
  };
}

function slicesOf(of: readonly Of[], baseline: number, goals: Goals): Slice[] {
  const order = [of[baseline], ...of].flatMap((each) => [...(each?.group?.slices.keys() ?? [])]);
  return [...new Set(order)].map((part) => {
    const found = of.map((each): Read | null => {
      const value = each.group?.slices.get(part);
      return value ? { of: each, found: value, reading: readingOf(each, value) } : null;
    });
    const known = found.filter((read) => read !== null);
    const [goal, disagreement] = goalOf(
      known.map(({ reading }) => reading.metric),
      goals,
    );
    const base = found[baseline] ?? null;
    const losses =
      base === null ? [] : known.filter((read) => read !== base).map((read) => lossOf(read.found.value - base.found.value, goal.goal));
    const told = losses.filter((loss) => loss !== null);
    return { part, found, base, goal, disagreement, loss: told.length > 0 ? Math.max(...told) : null };
  });
}

/** How much worse it is, positive for a loss; by size where it is not known what is better. */
function lossOf(difference: number, goal: string): number | null {
  if (!Number.isFinite(difference)) return null;
  return goal === "unknown" ? Math.abs(difference) : goal === "max" ? -difference : difference;
}

function rowOf({ found, base, goal, loss }: Slice, of: readonly Of[]): Row {
  const cells = found.map((read, i) => (read ? cellOf(read, base, goal) : missing(of[i] as Of)));
  const { key = "", name = "", dataset = "", slice = "" } = found.find((read) => read !== null)?.reading.metric ?? {};
  return row("slices", key, `${metricKey(name, dataset)} ${slice}`, cells, { details: { ...goal, name, dataset, slice, loss } });
}

function cellOf(read: Read, base: Read | null, { goal }: Goal): Cell {
  const { value, examples, lower, upper, confidence, source } = read.found;
  const few = isFew(read.found);
  const text = numberText(value) + (examples === null ? "" : ` (${few ? "only " : ""}${examplesText(examples)})`);
  const details: Cell["details"] = { examples, is_few: few, lower, upper, confidence, source };
  if (base === null || base === read) return plain(text, value, { details });
  const whyNot = [...obstacles([base.reading, read.reading])].join(" ");
  const direction = directionOf(base.found.value, value, goal);
  const judged = whyNot ? untested("unknown", whyNot) : judge(base, read, goal, direction);
  const difference = value - base.found.value;
  Object.assign(details, {
    difference: finite(difference),
    loss: lossOf(difference, goal),
    direction,
    is_comparable: whyNot === "",
    judgement: judgementText(judged, direction, whyNot === ""),
    method: judged.method,
  });
  const reasons = [differenceText(base.found.value, value, goal), judged.words].filter(Boolean);
  return plain(text, value, { verdict: judged.verdict, reasons, details });
}

/** A number beyond 2^53 travels as its digits. */
const examplesText = (examples: number | string): string => `${grouped(examples)} example${Number(examples) === 1 ? "" : "s"}`;

function judge(base: Read, other: Read, goal: string, direction: string): Judgement {
  if (!Number.isFinite(base.found.value) || !Number.isFinite(other.found.value))
    return untested("unknown", "A value that is not a finite number can't be compared.");
  if (direction === "equal") return untested("within noise", "The values are equal.");
  if (areOfOneRecipe(base.of.member, other.of.member)) return { ...untested("within noise", SAME_RECIPE), method: "same recipe" };
  return byIntervals(base.reading, other.reading, goal, direction);
}

/** Sentences about all slices of a metric; the first of its rows has them. */
function* cautions(of: readonly Of[], all: readonly Slice[], rows: readonly Row[]): Generator<string> {
  yield* new Set(all.map(({ disagreement }) => disagreement).filter(Boolean));
  const cells = rows.flatMap((each) => each.cells);
  yield* new Set(cells.filter(({ details }) => details.is_comparable === false).map(({ reasons }) => reasons.at(-1) ?? ""));
  if (all.some(({ goal }) => goal.goal === "unknown"))
    yield "It is not known whether higher is better, so slices are sorted by the size of the difference.";
  for (const { member, group } of of) {
    const { label } = member.facts;
    if (!group) yield `${label} has no slices of this metric.`;
    const lacks = group ? all.map(({ part }) => part).filter((part) => !group.slices.has(part)) : [];
    if (lacks.length > 0) yield `${label} lacks ${grouped(lacks.length)} of ${count(all.length, "slice")}: ${some(lacks, 3)}.`;
  }
  const chance = byChance(cells);
  if (chance) yield chance;
}

/** How many of equal slices would be told apart, where so many are compared that some would. */
function byChance(cells: readonly Cell[]): string {
  const decided = cells.filter(({ details }) => details.method === "intervals");
  const said = decided.map(({ details }) => details.confidence).filter((each) => typeof each === "number");
  if (said.length === 0) return "";
  const share = 1 - said.reduce((least, each) => Math.min(least, each), 1);
  const expected = Math.floor(decided.length * share + 1e-9);
  if (expected < 1) return "";
  const [pairs, chance] = [decided.length, expected].map(grouped);
  return (
    `${pairs} pairs of intervals are compared; if nothing had changed, up to ${chance} of them ` +
    `(${percentOf(share)}) could lie apart by chance.`
  );
}
