/** Where the keyboard stands in the table, and which rows lie between two places. Pure. */
import type { Table } from "../model/columns";
import type { Items } from "../model/group";

/** A row's id, or the key of a group's heading with a colon before it (no id begins so). */
export function itemKey(table: Table, items: Items, index: number): string | null {
  const item = items.list[index];
  if (item === undefined) return null;
  return item >= 0 ? (table.ids[item] ?? null) : `:${items.groups[-1 - item]?.key}`;
}

export function indexOfKey(table: Table, items: Items, key: string | null): number {
  if (key === null) return -1;
  if (key.startsWith(":")) return items.list.findIndex((item) => item < 0 && items.groups[-1 - item]?.key === key.slice(1));
  const row = table.indexOf.get(key);
  return row === undefined ? -1 : items.list.indexOf(row);
}

/** The ids of the rows from one place to another, both included. */
export function range(table: Table, items: Items, from: number, to: number): string[] {
  const slice = items.list.subarray(Math.min(from, to), Math.max(from, to) + 1);
  return Array.from(slice).flatMap((item) => (item >= 0 ? (table.ids[item] ?? []) : []));
}

/** null: the key moves nothing. */
export function step(key: string, at: number, count: number, page: number): number | null {
  const last = count - 1;
  const clamp = (index: number): number => Math.max(0, Math.min(last, index));
  switch (key) {
    case "ArrowDown":
      return clamp(at + 1);
    case "ArrowUp":
      return clamp(at - 1);
    case "PageDown":
      return clamp(at + page);
    case "PageUp":
      return clamp(at - page);
    case "Home":
      return clamp(0);
    case "End":
      return clamp(last);
    default:
      return null;
  }
}
