/** The slices of one version, each against a baseline where there is one: the rows of the tab "Slices". Pure. */
import type { CompareCell, ComparePayload, CompareRow, CompareSliceDetails, WireNumber } from "../api/types";
import type { Table } from "./columns";
import { type Chip, chipOf, grounds } from "./compare/verdicts";
import { formatMetric } from "./format";
import { PRODUCTION } from "./registry/aliases";
import { confidenceText, isFew, precisionText, type Sliced, type SliceValue } from "./slices";

export interface SliceRow {
  /** "" is all data. */
  slice: string;
  /** null: the baseline alone has it. */
  own: SliceValue | null;
  /** The baseline's value, as text; null where it has none, or there is no baseline. */
  base: string | null;
  isFew: boolean;
  chip: Chip | null;
  /** Sentences behind the verdict. */
  reasons: string[];
}

export interface SliceTable {
  rows: SliceRow[];
  /** In words: how the rows are sorted. */
  order: string;
  /** What must be known of all of them. */
  cautions: string[];
  /** Of the intervals, where all have the same: "95 %". */
  confidence: string | null;
  /** Slices that are compared on the server, but not sent: there are too many. */
  leftOut: number;
}

/** `whose` and `base` are positions among the members of the comparison. */
interface Compared {
  rows: readonly CompareRow[];
  whose: number;
  base: number;
}

function comparedOf(group: Sliced, payload: ComparePayload, id: string): Compared | null {
  const whose = payload.members.findIndex((member) => member.id === id);
  const isOwn = ({ group: kind, details }: CompareRow): boolean =>
    kind === "slices" && details.name === group.name && details.dataset === group.dataset;
  return whose < 0 ? null : { rows: payload.rows.filter(isOwn), whose, base: payload.baseline };
}

const alone = (own: SliceValue): SliceRow => ({ slice: own.slice, own, base: null, isFew: isFew(own), chip: null, reasons: [] });

function against(row: CompareRow, group: Sliced, { whose, base }: Compared): SliceRow | null {
  const { slice } = row.details;
  const [own, theirs] = [row.cells[whose], row.cells[base]];
  if (slice === undefined || !own || !theirs) return null;
  const value = group.slices.get(slice) ?? null;
  const chip = chipOf(row, own);
  return {
    slice,
    own: value,
    base: theirs.absent ? null : baseText(theirs, value),
    isFew: value !== null && isFew(value),
    chip: chip ?? lacking(own, theirs),
    reasons: chip ? grounds(row, own) : [],
  };
}

/** The baseline's value, with the number of its examples where that is another one. */
function baseText({ value, details }: CompareCell, own: SliceValue | null): string {
  const { examples = null } = details as Partial<CompareSliceDetails>;
  const text = formatMetric(value as WireNumber);
  return examples === null || String(examples) === String(own?.examples) ? text : `${text}, ${precisionText({ examples })}`;
}

/** What all intervals have in common: "95 %"; null where they differ, or there are none. */
function commonConfidence(rows: readonly SliceRow[]): string | null {
  const known = rows.flatMap(({ own }) => (own && (own.lower !== null || own.upper !== null) ? [confidenceText(own)] : []));
  return new Set(known).size === 1 ? (known[0] ?? null) : null;
}

function lacking(own: CompareCell, theirs: CompareCell): Chip | null {
  if (own.absent) return { words: "not measured here", tone: "plain" };
  return theirs.absent ? { words: "new", tone: "plain" } : null;
}

/** Worst first by the goal; in the manifest's order where it is not known. */
function byValue({ goal }: Sliced): (a: SliceValue, b: SliceValue) => number {
  const sign = goal === "unknown" ? 0 : goal === "min" ? -1 : 1;
  const rank = ({ value }: SliceValue): number => (sign === 0 ? 0 : Number.isFinite(value) ? sign * value : Number.NEGATIVE_INFINITY);
  return (a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b));
}

const ORDERS = { max: "lowest first", min: "highest first", unknown: "in the manifest's order: it is not known what is better" };

function tableAlone(group: Sliced): SliceTable {
  const rows = [...group.slices.values()].sort(byValue(group)).map(alone);
  return { rows, order: ORDERS[group.goal], cautions: [], confidence: commonConfidence(rows), leftOut: 0 };
}

/** `payload` compares the version `id` with a baseline; null where there is none. */
export function sliceTable(group: Sliced, payload: ComparePayload | null, id: string): SliceTable {
  const compared = payload && comparedOf(group, payload, id);
  if (!payload || !compared) return tableAlone(group);
  const label = payload.members[compared.base]?.label ?? "";
  if (compared.rows.length === 0) return { ...tableAlone(group), cautions: [`${label} has no slices of this metric.`] };
  const rows = compared.rows.flatMap((row) => against(row, group, compared) ?? []);
  const isKnown = compared.rows[0]?.details.goal !== "unknown";
  const shown = new Set(rows.map(({ slice }) => slice));
  return {
    rows,
    order: isKnown ? `by loss against ${label}, worst first` : `by difference to ${label}, largest first`,
    cautions: compared.rows.flatMap(({ caution }) => caution ?? []),
    confidence: commonConfidence(rows),
    leftOut: [...group.slices.keys()].filter((slice) => !shown.has(slice)).length,
  };
}

/** A version to compare with, and why it is offered. */
export interface Choice {
  id: string;
  why: string;
}

const MOST_CHOICES = 200;

/** What a version can be compared with: what is in production, its parents, the version before it, others of its model. */
export function choicesOf(table: Table | null, id: string, parents: readonly { ref: string; known: boolean }[]): Choice[] {
  const row = table?.indexOf.get(id);
  if (!table || row === undefined) return parents.filter(({ known }) => known).map(({ ref }) => ({ id: ref, why: "parent" }));
  const { model, aliases, number } = table.payload.columns;
  const own = [...table.ids.keys()].filter((each) => model.codes[each] === model.codes[row] && each !== row);
  const byNumber = own.sort((a, b) => Number(number[b]) - Number(number[a]));
  const inUse = own.filter((each) => aliases[each]?.includes(PRODUCTION));
  const before = byNumber.find((each) => Number(number[each]) < Number(number[row]));
  const choices: Choice[] = [
    ...inUse.map((each) => ({ id: table.ids[each] as string, why: PRODUCTION })),
    ...parents.filter(({ known }) => known).map(({ ref }) => ({ id: ref, why: "parent" })),
    ...(before === undefined ? [] : [{ id: table.ids[before] as string, why: "the version before" }]),
    ...byNumber.slice(0, MOST_CHOICES).map((each) => ({ id: table.ids[each] as string, why: "" })),
  ];
  const first = new Map<string, Choice>();
  for (const choice of choices) if (!first.has(choice.id)) first.set(choice.id, choice);
  return [...first.values()];
}
