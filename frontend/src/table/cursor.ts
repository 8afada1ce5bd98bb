/** Where the keyboard stands in the table. Pure. */
import type { Table } from "../model/columns";
import { AWAY, type Items } from "../model/group";

/**
 * A row's id; the key of a group's heading with a colon before it (no id begins so); for a row that is not there yet its
 * place, behind ":#".
 */
export function itemKey(table: Table, items: Items, index: number): string | null {
  const item = items.at(index);
  if (item === undefined) return null;
  if (item === AWAY) return `:#${index}`;
  return item >= 0 ? (table.ids[item] ?? null) : `:${items.groups[-1 - item]?.key}`;
}

export function indexOfKey(table: Table, items: Items, key: string | null): number {
  if (key === null) return -1;
  if (key.startsWith(":#")) return Number(key.slice(2)) < items.length ? Number(key.slice(2)) : -1;
  if (key.startsWith(":")) {
    const group = items.groups.findIndex((each) => each.key === key.slice(1));
    return group < 0 ? -1 : items.placeOf(-1 - group);
  }
  const row = table.indexOf.get(key);
  return row === undefined ? -1 : items.placeOf(row);
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
