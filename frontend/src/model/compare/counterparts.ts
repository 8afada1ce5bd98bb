/** The versions that one most likely wants to compare a version with. Pure. */
import { bestRow } from "../best";
import { decode, type Table } from "../columns";

export interface Counterpart {
  id: string;
  /** "parent", "the previous version", "the best". */
  why: string;
  /** Short where it is of the same model. */
  name: string;
}

/** Parents that are known, the version before it, and the best of its model by a metric; each version once. */
export function counterparts(table: Table, id: string, metric: string | null): Counterpart[] {
  const row = table.indexOf.get(id);
  if (row === undefined) return [];
  const { columns } = table.payload;
  const models = decode(columns.model);
  const own = table.ids.map((_, index) => index).filter((index) => models[index] === models[row] && index !== row);
  const found: Counterpart[] = [];
  const add = (other: number | undefined, why: string): void => {
    const name = other === undefined ? undefined : table.ids[other];
    if (other === undefined || name === undefined || other === row || found.some((each) => each.id === name)) return;
    found.push({ id: name, why, name: models[other] === models[row] ? (table.numbers[other] ?? name) : name });
  };
  for (const parent of columns.parents[row] ?? []) add(table.indexOf.get(parent), "parent");
  // Which one is the best, or was before it, follows from all versions only.
  if (table.isPart) return found;
  const number = (index: number): number => Number(columns.number[index]);
  const before = own.filter((index) => number(index) < number(row)).sort((a, b) => number(b) - number(a));
  add(before[0], "the previous version");
  const column = metric === null ? undefined : table.columns.get(`m:${metric}`);
  if (column) add(bestRow(column, [row, ...own]) ?? undefined, "the best");
  return found;
}
