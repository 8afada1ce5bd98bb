/** Which versions are not shown unless they are asked for: deprecated ones, removed ones, those of a later day. Pure. */
import type { Table } from "../columns";
import { mentionedIn, saidIn } from "./late";

/** Why a row is hidden; SHOWN: it is not. */
export const [SHOWN, DEPRECATED, REMOVED, LATER, UNDATED] = [0, 1, 2, 3, 4] as const;

export interface Asked {
  deprecated: boolean;
  removed: boolean;
}

function isGone({ payload: { columns, registry } }: Table, row: number): boolean {
  return registry?.at == null && columns.state.values[columns.state.codes[row] as number] === "removed";
}

/** Whether a version's files went on purpose; on the day that the table shows. */
export function isRemoved(table: Table, row: number): boolean {
  const said = saidIn(table.payload)(row);
  return isGone(table, row) || (!said.unknown && said.version?.removed != null);
}

/** Whether somebody advised against a version, and nobody took it back. */
export function isDeprecated({ payload }: Table, row: number): boolean {
  const said = saidIn(payload)(row);
  return !said.unknown && said.version?.deprecated != null;
}

/**
 * For each row why it is hidden; null: none is. A version that holds an alias is never hidden: what is in use must be
 * seen, however old it is.
 */
export function hiddenRows(table: Table, asked: Asked): Uint8Array | null {
  const { registry, columns } = table.payload;
  const at = registry?.at ?? null;
  const withdrawn = registry !== null || columns.state.values.includes("removed");
  if (at === null && !withdrawn) return null;
  const hidden = new Uint8Array(table.count);
  const mark = (row: number): void => {
    if (hidden[row] !== SHOWN || (columns.aliases[row]?.length ?? 0) > 0) return;
    if (isRemoved(table, row)) hidden[row] = asked.removed ? SHOWN : REMOVED;
    else if (!asked.deprecated && isDeprecated(table, row)) hidden[row] = DEPRECATED;
  };
  for (let row = 0; row < table.count; row++) {
    const created = columns.created[row] ?? null;
    if (at !== null && (created === null || created > at)) hidden[row] = created === null ? UNDATED : LATER;
    else if (isGone(table, row)) mark(row);
  }
  for (const row of mentionedIn(table.payload)) mark(row);
  return hidden;
}
