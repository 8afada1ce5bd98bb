/** Rows of a comparison: one fact each, one cell for every member. Pure. */
import type { CompareCell, CompareGroup, CompareRow } from "../../../api/types";
import { numberText, type Value, visible } from "./text";

export const GROUPS: Record<CompareGroup, string> = {
  metrics: "Metrics",
  hyperparameters: "Hyperparameters",
  signature: "Signature",
  graph: "Graph and weights",
  data: "Data",
  code: "Code",
  environment: "Environment",
  hardware: "Hardware",
  files: "Files and sizes",
  labels: "Labels",
  lineage: "Lineage",
};

/** Most metrics, hyperparameters, packages and so on that get a row, each. */
export const MOST_ROWS = 2_000;

/** What an export has in the place of a machine, a path, a person or a secret. */
const MASK = /\[(?:host|path|user)\]|\*\*\*/;

/** Most entries of a list in `details`. */
export const MOST_LISTED = 200;

export type Details = Record<string, unknown>;

export interface Cell {
  text: string;
  value: Value;
  absent: boolean;
  /** false where nobody can say; such a cell makes no difference. */
  known: boolean;
  verdict: string;
  reasons: readonly string[];
  details: Details;
}

export interface Row {
  group: CompareGroup;
  key: string;
  label: string;
  cells: Cell[];
  differs: boolean;
  caution: string;
  details: Details;
}

/** A cell as it is given. */
export const plain = (text: string, value: Value, more: Partial<Cell> = {}): Cell => ({
  text,
  value,
  absent: false,
  known: true,
  verdict: "",
  reasons: [],
  details: {},
  ...more,
});

export const ABSENT = plain("–", null, { absent: true });
export const UNKNOWN = plain("not known", null, { absent: true, known: false });

/** A cell with hidden characters spelled out; null, undefined and "" are absent. */
export function cell(value: Value | undefined, text?: string | null, more: Partial<Cell> = {}): Cell {
  if (value === null || value === undefined || value === "") return ABSENT;
  const words = typeof value === "string" ? value : numberText(value);
  return plain(visible(text ?? words), typeof value === "string" ? visible(value) : value, more);
}

/** "not known" where there is nothing to ask, else a cell of the answer. */
export const cellOf = <T>(of: T | null | undefined, read: (of: T) => Value | undefined): Cell =>
  of === null || of === undefined ? UNKNOWN : cell(read(of));

export function row(group: CompareGroup, key: string, label: string, cells: Cell[], more: Partial<Row> = {}): Row {
  const differs = new Set(cells.filter((each) => each.known).map(identity)).size > 1;
  return { group, key: visible(key), label: visible(label), cells, differs, caution: "", details: {}, ...more };
}

/** Equal texts of which parts were masked may have differed: nobody can say. Unequal ones did, for a mask hides alike. */
export function doubted(of: Row, redacted: readonly boolean[]): Row {
  const isMasked = ({ value }: Cell, member: number) => redacted[member] && typeof value === "string" && MASK.test(value);
  return of.differs ? of : { ...of, cells: of.cells.map((each, i) => (isMasked(each, i) ? { ...each, known: false } : each)) };
}

function identity({ absent, value }: Cell): string {
  return absent ? "absent" : `${typeof value === "bigint" ? "number" : typeof value} ${exact(value)}`;
}

/** Equal for equal values: 1 and 1.0 are. */
const exact = (value: Value): string => String(typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value);

/** Whether two cells say the same; here true is 1, as for Python. */
export function isEqual(a: Cell, b: Cell): boolean {
  const asNumber = ({ value }: Cell) => (typeof value === "boolean" ? BigInt(value) : value);
  return a.absent === b.absent && identity({ ...a, value: asNumber(a) }) === identity({ ...b, value: asNumber(b) });
}

/** Counts, by group, the rows that are left out: a row of many members takes its time to make. */
export class LeftOut extends Map<CompareGroup, number> {
  first(keys: Iterable<string>, group: CompareGroup): string[] {
    const all = [...keys];
    this.set(group, (this.get(group) ?? 0) + Math.max(0, all.length - MOST_ROWS));
    return all.slice(0, MOST_ROWS);
  }
}

export const isEmpty = (of: Row): boolean => of.cells.every((each) => each.absent);

/** A row as the server sends it. */
export function rowPayload(of: Row): CompareRow {
  const { group, key, label, differs } = of;
  return {
    group,
    key,
    label,
    differs,
    caution: visible(of.caution) || null,
    details: wire(of.details) as Details,
    cells: of.cells.map(cellPayload),
  };
}

const cellPayload = ({ text, value, absent, known, verdict, reasons, details }: Cell): CompareCell => ({
  text: visible(text),
  value: wire(value) as CompareCell["value"],
  absent,
  known,
  verdict: verdict || null,
  reasons: reasons.map(visible),
  details: wire(details) as Details,
});

/** A value as it travels: NaN, infinities and integers above 2^53 as texts. */
function wire(value: unknown): unknown {
  if (typeof value === "bigint") return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : String(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(wire);
  return value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, wire(v)])) : value;
}
