/** The charts of a comparison: which tags, which curves, and where each version was exported. Pure. */
import type { CompareMember, CompareMetricDetails, ComparePayload, CompareRow, ScalarsPayload } from "../../api/types";
import { toNumber } from "../columns";
import { formatMetric } from "../format";

export type Goal = "max" | "min" | "unknown";

/** A value at export, exactly as the version has it. */
export interface Export {
  /** Position of the member. */
  member: number;
  metric: string;
  run: string;
  tag: string;
  step: number;
  value: number;
  /** Milliseconds since the epoch. */
  exported: number | null;
}

export interface Curve {
  run: string;
  /** Positions of the members that have the run. */
  members: number[];
  steps: number[];
  /** Seconds since the epoch. */
  times: number[];
  values: Float64Array;
  sampled: boolean;
}

export interface Picture {
  tag: string;
  metrics: { name: string; goal: Goal }[];
  curves: Curve[];
  exports: Export[];
}

const FIRST_TAGS = 6;

const metricRows = (payload: ComparePayload): CompareRow[] => payload.rows.filter((row) => row.group === "metrics");

function curveOf(row: CompareRow, index: number): Partial<CompareMetricDetails> | null {
  const details = row.cells[index]?.details as Partial<CompareMetricDetails> | undefined;
  return details?.tag ? details : null;
}

/** Metrics by the tag that they are read from. */
export function metricsOfTags(payload: ComparePayload): Map<string, { name: string; goal: Goal }[]> {
  const found = new Map<string, { name: string; goal: Goal }[]>();
  for (const row of metricRows(payload)) {
    const tags = new Set(row.cells.flatMap((_, index) => curveOf(row, index)?.tag ?? []));
    for (const tag of tags) found.set(tag, [...(found.get(tag) ?? []), { name: row.label, goal: row.details.goal ?? "unknown" }]);
  }
  return found;
}

/** What is drawn until the reader chooses: metrics with a goal, guessed ones first; where none has one, the first ones. */
export function firstTags(payload: ComparePayload, guessed: readonly string[] = []): string[] {
  const tags = [...metricsOfTags(payload)];
  const aimed = tags.filter(([, metrics]) => metrics.some((metric) => metric.goal !== "unknown"));
  const names = (aimed.length > 0 ? aimed : tags).map(([tag]) => tag);
  return [...guessed.filter((tag) => names.includes(tag)), ...names.filter((tag) => !guessed.includes(tag))].slice(0, FIRST_TAGS);
}

/** Every run of the members that TensorBoard knows, each once, in the order of the members. */
export function runsOf(members: readonly CompareMember[]): string[] {
  return [...new Set(members.flatMap((member) => member.runs.filter((run) => run.known).map((run) => run.name)))];
}

export function exportsOf(payload: ComparePayload): Export[] {
  const found = new Map<string, Export>();
  for (const row of metricRows(payload)) {
    row.cells.forEach((cell, member) => {
      const details = curveOf(row, member);
      const { run, tag, step, at_export } = details ?? {};
      if (!run || !tag || details?.point !== "at export" || step === null || step === undefined) return;
      const value = toNumber(at_export ?? null);
      const key = JSON.stringify([member, run, tag]);
      if (cell.absent || found.has(key)) return;
      const exported = payload.members[member]?.runs.find((each) => each.name === run)?.wall_time ?? null;
      found.set(key, { member, metric: row.label, run, tag, step: Number(step), value, exported });
    });
  }
  return [...found.values()];
}

/** One picture for each tag, in the order asked for; curves in the order of the members. */
export function picturesOf(payload: ComparePayload, scalars: ScalarsPayload, tags: readonly string[]): Picture[] {
  const metrics = metricsOfTags(payload);
  const exports = exportsOf(payload);
  const owners = new Map<string, number[]>();
  payload.members.forEach((member, index) => {
    for (const { name } of member.runs) owners.set(name, [...(owners.get(name) ?? []), index]);
  });
  const order = new Map([...owners.keys()].map((run, index) => [run, index]));
  const byTag = new Map<string, Curve[]>();
  for (const { run, tag, steps, wall_times, values, sampled } of scalars.series) {
    const members = owners.get(run);
    if (!members) continue;
    const curve = { run, members, steps: steps.map(Number), times: wall_times, values: Float64Array.from(values, toNumber), sampled };
    byTag.set(tag, [...(byTag.get(tag) ?? []), curve]);
  }
  return tags.map((tag) => ({
    tag,
    metrics: metrics.get(tag) ?? [],
    curves: (byTag.get(tag) ?? []).sort((a, b) => (order.get(a.run) ?? 0) - (order.get(b.run) ?? 0)),
    exports: exports.filter((each) => each.tag === tag),
  }));
}

/** "12" where all versions are of one model, else "digits 12"; a run's own name for the rest. */
export function shortNames(members: readonly CompareMember[]): string[] {
  const models = new Set(members.map((member) => member.model).filter((model) => model !== null));
  return members.map((member) => (member.number !== null && models.size === 1 ? `v${member.number}` : member.label));
}

/** "validation" for a run of Keras' that belongs to a training; "" for the others. */
export function partOf(run: string): string {
  const part = run.slice(run.lastIndexOf("/") + 1);
  return part !== run && /^(train|validation|test|eval)$/.test(part) ? part : "";
}

/** A picture in one sentence, for those who can't see it. */
export function pictureInWords(picture: Picture, names: readonly string[]): string {
  const { tag, curves, exports } = picture;
  if (curves.length === 0) return `${tag}: no curve.`;
  const said = exports.slice(0, 6).map((each) => `${names[each.member]} ${formatMetric(each.value)} at step ${each.step}`);
  const more = exports.length > 6 ? ` and ${exports.length - 6} more` : "";
  const count = `${curves.length} ${curves.length === 1 ? "curve" : "curves"}`;
  return `${tag}: ${count}${said.length > 0 ? `; exported: ${said.join(", ")}${more}` : ""}.`;
}

/** The summary, a paragraph for each member that it begins a sentence with. */
export function sentencesOf({ summary, members }: Pick<ComparePayload, "summary" | "members">): { who: string; text: string }[] {
  const labels = members.map((member) => member.label).sort((a, b) => b.length - a.length);
  const found: { who: string; text: string }[] = [];
  let start = 0;
  for (let at = 0; at <= summary.length; at++) {
    const begins = at === 0 || summary.startsWith(". ", at - 2);
    const who = begins ? labels.find((label) => summary.startsWith(`${label} `, at)) : undefined;
    if (at === summary.length || (who !== undefined && at > 0)) {
      found.push({ who: "", text: summary.slice(start, at).trim() });
      start = at;
    }
  }
  return found.map(({ text }) => {
    const who = labels.find((label) => text.startsWith(`${label} `)) ?? "";
    return { who, text: text.slice(who.length) };
  });
}
