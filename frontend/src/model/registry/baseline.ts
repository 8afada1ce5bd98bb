/** What the others are compared with, where the reader did not say. Pure. */
import type { Table } from "../columns";
import { PRODUCTION } from "./aliases";

/** The asked one if it is compared, else the version that holds production if it is, else null: the first. */
export function baselineOf(table: Table | null, members: readonly string[], asked: string | null): string | null {
  if (asked !== null && members.includes(asked)) return asked;
  const aliases = table?.payload.columns.aliases;
  const holds = (id: string): boolean => aliases?.[table?.indexOf.get(id) ?? -1]?.includes(PRODUCTION) ?? false;
  return members.find(holds) ?? null;
}
