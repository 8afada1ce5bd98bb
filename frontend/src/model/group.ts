/** Rows under group headings, as one flat list for the virtual table. */
import type { Table } from "./columns";
import { trainingsOf } from "./trainings";

export type Grouping = "none" | "model" | "run";

export interface Group {
  key: string;
  /** null: the versions without a run. */
  name: string | null;
  count: number;
  folded: boolean;
}

/** A row that the page has not asked for yet. */
export const AWAY = 0x7fffffff;

/** What the table shows, from top to bottom: rows and headings of groups. */
export interface Items {
  readonly length: number;
  readonly groups: Group[];
  /** A row's index, AWAY, or -1 - g for the heading of group g; undefined outside of the list. */
  at(index: number): number | undefined;
  /** Where a row, or the heading of a group, stands; -1: nowhere. */
  placeOf(item: number): number;
  /** Changes with the order that was asked for, where the server puts rows in order. */
  readonly order: string;
}

export function listed(list: Int32Array, groups: Group[] = []): Items {
  return { length: list.length, groups, at: (index) => list[index], placeOf: (item) => list.indexOf(item), order: "" };
}

export const groupKey = (name: string | null): string => (name === null ? "" : `=${name}`);

function nameOf(table: Table, row: number, grouping: Grouping): string | null {
  const { columns } = table.payload;
  if (grouping === "model") return columns.model.values[columns.model.codes[row] as number] ?? null;
  const { all, ofRun } = trainingsOf(table.payload);
  return all[ofRun[columns.run[row] as number] ?? -1]?.name ?? null;
}

/** Groups come in the order of their first row, so the sort order of the rows orders the groups too. */
export function groupRows(table: Table, rows: Uint32Array, grouping: Grouping, folded: Set<string>): Items {
  if (grouping === "none") return listed(Int32Array.from(rows));
  const members = new Map<string | null, number[]>();
  for (const row of rows) {
    const name = nameOf(table, row, grouping);
    const list = members.get(name);
    if (list) list.push(row);
    else members.set(name, [row]);
  }
  const groups: Group[] = [];
  const list: number[] = [];
  for (const [name, own] of members) {
    const key = groupKey(name);
    list.push(-1 - groups.length);
    groups.push({ key, name, count: own.length, folded: folded.has(key) });
    if (!folded.has(key)) for (const row of own) list.push(row);
  }
  return listed(Int32Array.from(list), groups);
}
