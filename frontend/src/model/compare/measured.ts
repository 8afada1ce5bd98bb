/** Metrics that were measured after publishing, beside those that the manifests have. Pure. */
import type { CompareCell, ComparePayload, CompareRow } from "../../api/types";
import type { Column, Table } from "../columns";
import { formatDate, formatMetric } from "../format";
import { ABSENT, GROUPS, plain, UNKNOWN } from "./engine/cells";

function cellOf({ cells, later }: Column, row: number | undefined): CompareCell {
  if (row === undefined) return UNKNOWN;
  if (cells.kind !== "number" || cells.absent[row] || !later) return ABSENT;
  const value = cells.values[row] as number;
  return plain(formatMetric(value), value, { reasons: [`measured ${formatDate(later.times[row] ?? null)}`] });
}

function rowOf(column: Column, rows: readonly (number | undefined)[]): CompareRow | null {
  const cells = rows.map((row) => cellOf(column, row));
  if (cells.every(({ absent }) => absent)) return null;
  const differs = cells.some(({ text }) => text !== cells[0]?.text);
  const label = [column.title, column.later?.from].filter(Boolean).join(" · ");
  return { group: "measured", key: column.id, label, differs, caution: null, details: {}, cells };
}

/** The comparison with a group of its own behind the metrics; the comparison itself where nothing was measured later. */
export function withMeasured(payload: ComparePayload, table: Table | null): ComparePayload {
  if (!table || payload.groups.some(({ key }) => key === "measured")) return payload;
  const rows = payload.members.map(({ id }) => table.indexOf.get(id));
  const made = [...table.columns.values()].filter(({ later }) => later).flatMap((column) => rowOf(column, rows) ?? []);
  if (made.length === 0) return payload;
  const differing = made.filter((row) => row.differs).length;
  const group = { key: "measured" as const, label: GROUPS.measured, rows: made.length, differing };
  const at = payload.groups.findIndex(({ key }) => key !== "metrics");
  return {
    ...payload,
    groups: at < 0 ? [...payload.groups, group] : payload.groups.toSpliced(at, 0, group),
    rows: [...payload.rows, ...made],
    differing: payload.differing + differing,
    equal: payload.equal + made.length - differing,
  };
}
