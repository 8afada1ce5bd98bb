/** Rows of a comparison: one fact each, one cell for every member. Pure. */
import type { CompareCell, CompareGroup, CompareRow, CompareValue } from "../../../api/types";
import { visible } from "./text";

export const GROUPS: Record<CompareGroup, string> = {
  metrics: "Metrics",
  slices: "Slices",
  measured: "Metrics, measured later",
  gates: "Gates",
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
const MOST_ROWS = 2_000;

/** What an export has in the place of a machine, a path, a person or a secret. */
const MASK = /\[(?:host|path|user)\]|\*\*\*/;

/** Most entries of a list in `details`. */
export const MOST_LISTED = 200;

/** A cell as the server has it, with "" for no verdict. */
export interface Cell extends Omit<CompareCell, "verdict" | "details"> {
  verdict: string;
  details: Record<string, unknown>;
}

export interface Row extends Omit<CompareRow, "cells" | "caution" | "details"> {
  cells: Cell[];
  caution: string;
  details: Record<string, unknown>;
}

export const plain = (text: string, value: CompareValue, more: Partial<Cell> = {}): Cell => ({
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

/** A cell of a text; null and "" are absent. */
export const cell = (text: string | null): Cell => (text ? plain(text, text) : ABSENT);

export function row(group: CompareGroup, key: string, label: string, cells: Cell[], more: Partial<Row> = {}): Row {
  const differs = new Set(cells.filter((each) => each.known).map(identity)).size > 1;
  return { group, key, label, cells, differs, caution: "", details: {}, ...more };
}

/** Equal texts of which parts were masked may have differed: nobody can say. Unequal ones did, for a mask hides alike. */
export function doubted(of: Row, redacted: readonly boolean[]): Row {
  const isMasked = ({ value }: Cell, member: number) => redacted[member] && typeof value === "string" && MASK.test(value);
  return of.differs ? of : { ...of, cells: of.cells.map((each, i) => (isMasked(each, i) ? { ...each, known: false } : each)) };
}

const identity = ({ absent, value }: Cell): string => (absent ? "absent" : `${typeof value} ${String(value)}`);

/** Whether two cells say the same; here true is 1, as for Python. */
export function isEqual(a: Cell, b: Cell): boolean {
  const asNumber = (of: Cell): Cell => (typeof of.value === "boolean" ? { ...of, value: Number(of.value) } : of);
  return identity(asNumber(a)) === identity(asNumber(b));
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
  const cells = of.cells.map(({ value, verdict, ...rest }) => ({ ...rest, value: wire(value) as CompareValue, verdict: verdict || null }));
  return {
    ...of,
    cells: cells.map((each) => ({ ...each, details: wire(each.details) as Record<string, unknown> })),
    caution: visible(of.caution) || null,
  };
}

/** A value as it travels: NaN and infinities as texts. */
function wire(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(wire);
  return value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, wire(v)])) : value;
}
