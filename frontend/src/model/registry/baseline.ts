/** What the others are compared with, where the reader did not say. Pure. */
import type { Table } from "../columns";
import { PRODUCTION } from "./aliases";
import { surelyHeld } from "./chips";

/** The asked one if it is compared, else the version that holds production and was promoted to it, else null: the first. */
export function baselineOf(table: Table | null, members: readonly string[], asked: string | null): string | null {
  if (asked !== null && members.includes(asked)) return asked;
  const holds = (id: string): boolean => table !== null && surelyHeld(table, table.indexOf.get(id) ?? -1).includes(PRODUCTION);
  return members.find(holds) ?? null;
}
