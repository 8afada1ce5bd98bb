/** What a cell says against the baseline, in words and in a tone; the numbers behind it. Pure. */
import type { CompareCell, CompareMetricDetails, CompareRow, CompareSliceDetails, WireNumber } from "../../api/types";
import { formatCount, formatMetric, sampleWords } from "../format";
import { metricKey, precisionText } from "../slices";
import { isSource, SOURCES } from "../sources";
import { isShare, points } from "./numbers";

export interface Chip {
  words: string;
  tone: "good" | "bad" | "noise" | "plain";
}

const TONES: Readonly<Record<string, Chip["tone"]>> = {
  identical: "good",
  compatible: "good",
  breaking: "bad",
  "identical content": "good",
  "same graph and weights": "good",
  "different architecture": "noise",
  "same data": "good",
  "same data where both name it": "good",
  "same name, new content": "noise",
  "different data": "noise",
  major: "noise",
};

function signed(value: WireNumber): string {
  if (typeof value !== "number") return formatMetric(value);
  return `${value > 0 ? "+" : value < 0 ? "−" : "±"}${formatMetric(Math.abs(value))}`;
}

/** "+3.7 points" of shares, "+0.0367" of other numbers. */
function differenceText({ value }: CompareCell, difference: WireNumber, goal: string): string {
  if (typeof difference !== "number" || typeof value !== "number" || !isShare(value - difference, value, goal)) return signed(difference);
  return `${difference > 0 ? "+" : "−"}${points(difference)}`;
}

const BEYOND: Readonly<Record<string, string>> = { curves: ", beyond the curves' noise", intervals: ", beyond the intervals" };

/** Groups of numbers, which are better or worse. */
export const isNumeric = ({ group }: CompareRow): boolean => group === "metrics" || group === "slices";

/** "+3.7 points · better, beyond seed noise": never a colour alone. */
function metricChip({ details: { goal = "unknown" } }: CompareRow, cell: CompareCell): Chip | null {
  const { difference, direction, judgement, noise } = cell.details as Partial<CompareMetricDetails>;
  const { method } = cell.details as Partial<CompareSliceDetails>;
  if (direction === undefined || judgement === undefined) return null;
  const amount = difference === null || difference === undefined || difference === 0 ? "" : `${differenceText(cell, difference, goal)} · `;
  const beyond = BEYOND[method ?? noise?.method ?? ""] ?? ", beyond seed noise";
  if (judgement === "better") return { words: `${amount}better${beyond}`, tone: "good" };
  if (judgement === "worse") return { words: `${amount}worse${beyond}`, tone: "bad" };
  return { words: amount + judgement, tone: judgement === "within noise" ? "noise" : "plain" };
}

export function chipOf(row: CompareRow, cell: CompareCell): Chip | null {
  if (cell.absent && row.group !== "environment") return null;
  if (isNumeric(row)) return metricChip(row, cell);
  const { verdict } = cell;
  if (!verdict || verdict === "unknown") return null;
  return { words: verdict, tone: Object.hasOwn(TONES, verdict) ? (TONES[verdict] as Chip["tone"]) : "plain" };
}

/** Best and last of the run, where they are not the value at export. */
export function besideExport(cell: CompareCell): string {
  const { point, at_export, best, best_step, last, last_step, sample } = cell.details as Partial<CompareMetricDetails>;
  if (point !== "at export") return "";
  const own = formatMetric(at_export ?? null);
  const differs = (value: WireNumber | null | undefined): value is WireNumber =>
    value !== null && value !== undefined && formatMetric(value) !== own;
  const step = (at: number | string | null | undefined): string => (at === null || at === undefined ? "" : ` at ${formatCount(at)}`);
  const words = [
    differs(best) && `best ${formatMetric(best)}${step(best_step)}`,
    differs(last) && `last ${formatMetric(last)}${step(last_step)}`,
  ];
  const told = words.filter(Boolean);
  return (told.length > 0 && sample ? [...told, sampleWords(sample)] : told).join(" · ");
}

/** Where the number of a cell is from; "" where it has none. */
export function cellSource(row: CompareRow, cell: CompareCell): string {
  if (cell.absent || !cell.known) return "";
  if (row.group === "measured") return "measured";
  if (!isNumeric(row)) return "";
  const { source, point } = cell.details as Partial<CompareMetricDetails>;
  return point === "last" ? "run" : point === "" ? "" : (source ?? "");
}

const meaning = (source: string | undefined): string => (isSource(source) ? SOURCES[source][2] : "");

function sliceGrounds(cell: CompareCell): string[] {
  const { source, is_few } = cell.details as Partial<CompareSliceDetails>;
  const few = is_few ? "So few examples that one more or less matters." : "";
  return [...cell.reasons, precisionText(cell.details as CompareSliceDetails), few, meaning(source)].filter(Boolean);
}

/** Everything that decided, sentence by sentence. */
export function grounds(row: CompareRow, cell: CompareCell): string[] {
  if (row.group === "slices") return sliceGrounds(cell);
  if (row.group !== "metrics") return cell.reasons;
  const { source, run, tag, step, point, why_not, sample } = cell.details as Partial<CompareMetricDetails>;
  const where = run && tag ? `Run ${run}, tag ${tag}${step === null || step === undefined ? "" : `, step ${formatCount(step)}`}.` : "";
  const unknown = why_not ? `The value at export is ${why_not}.` : "";
  const sampled = sample ? `The run's numbers are ${sampleWords(sample)}.` : "";
  const from = [unknown, sampled];
  return [...cell.reasons, ...from, point === "last" ? "Last value of the run." : meaning(source), where].filter(Boolean);
}

/** What a row's caution is about: of slices it is about all slices of the metric. */
export function cautionOf({ group, label, details: { name, dataset } }: CompareRow): string {
  return group === "slices" && name !== undefined ? `slices of ${metricKey(name, dataset ?? "")}` : label;
}

/** Whether a cell says something else than the baseline's. */
export function isOther(cell: CompareCell, base: CompareCell): boolean {
  if (!cell.known || !base.known) return false;
  return cell.absent !== base.absent || cell.value !== base.value;
}

export interface Listing {
  title: string;
  lines: string[];
}

const LONG = 90;

function texts(items: unknown): string[] {
  if (!Array.isArray(items)) return [];
  return items.map((item: unknown) => {
    if (typeof item !== "object" || item === null) return String(item);
    const { name, op, before, after } = item as Record<string, unknown>;
    return `${String(name ?? op ?? "")} ${String(before ?? "")} → ${String(after ?? "")}`.trim();
  });
}

/** What is too long for a cell: whole texts and lists, shown when the row is unfolded. */
export function unfolded(row: CompareRow, cell: CompareCell): { text: string; lists: Listing[] } {
  const whole = typeof cell.value === "string" && cell.value.includes("\n") ? cell.value : cell.text.length > LONG ? cell.text : "";
  if (isNumeric(row)) return { text: whole, lists: [] };
  const lists = (["added", "removed", "changed", "reshaped", "renamed", "ops", "files"] as const)
    .map((key) => ({ title: key === "files" ? "changed" : key, lines: texts((cell.details as Record<string, unknown>)[key]) }))
    .filter((list) => list.lines.length > 0);
  const reasons = cell.reasons.length > 1 || cell.reasons.some((reason) => reason.length > LONG) ? cell.reasons : [];
  return { text: whole, lists: reasons.length > 0 ? [{ title: "why", lines: reasons }, ...lists] : lists };
}

export function isFoldable(row: CompareRow): boolean {
  return row.cells.some((cell) => {
    const { text, lists } = unfolded(row, cell);
    return text !== "" || lists.length > 0;
  });
}

/** The rows of a group of which only the first few are shown until asked for: packages, kinds of ops, slices. */
export function isDetail(row: CompareRow): boolean {
  return row.group === "slices" || row.key.startsWith("package:") || row.key.startsWith("op:");
}

const FIRST_DETAILS = 6;
const FIRST_SLICES = 10;

/** The rows that are hidden until asked for; of slices those of each metric that lose least. */
export function extraRows(rows: readonly CompareRow[]): CompareRow[] {
  const details = rows.filter(isDetail);
  if (details[0]?.group !== "slices") return details.length <= FIRST_DETAILS + 2 ? [] : details.slice(FIRST_DETAILS);
  const seen = new Map<string, number>();
  return details.filter(({ details: { name, dataset } }) => {
    const metric = JSON.stringify([name, dataset]);
    const place = seen.get(metric) ?? 0;
    seen.set(metric, place + 1);
    return place >= FIRST_SLICES;
  });
}
