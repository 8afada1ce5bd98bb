/** Where the numbers of the table are from, by column and row. Pure. */
import type { Column, Table } from "./columns";
import type { Sources } from "./parts";

/** Where the numbers of a column are from; null for columns without sources. */
function sourcesOf({ id, metric, later }: Column): Sources | null {
  if (later) return { values: ["measured"], codes: null };
  if (!metric) return null;
  return id.startsWith("m:") ? (metric.source ?? null) : { values: ["run"], codes: null };
}

/** The source of all numbers of a column; "" where they have several, or none. */
export function onlySource(column: Column): string {
  const sources = sourcesOf(column);
  return sources?.codes === null && sources.values.length === 1 ? (sources.values[0] as string) : "";
}

/** The source of one number; "" where there is none, or it is not known. */
export function sourceOf(column: Column, row: number): string {
  const sources = sourcesOf(column);
  if (!sources || (column.cells.kind === "number" && column.cells.absent[row])) return "";
  return sources.values[sources.codes === null ? 0 : (sources.codes[row] as number)] ?? "";
}

const UNSTATED = { step: "runs", created: "created" } as Record<string, string>;

/** "inferred" or "imported" for a step, a time or a hyperparameter that nobody stated; "run" for what a run logged; else "". */
export function originOf({ payload: { columns } }: Table, { id }: Column, row: number): string {
  const said = columns.unstated?.values[columns.unstated.codes[row] as number]?.split(" ") ?? [];
  const field = id.startsWith("hp:") ? "hyperparameters" : UNSTATED[id];
  if (field === undefined) return "";
  if (said.includes(field)) return "inferred";
  if (field !== "hyperparameters" || id.startsWith("hp:args.")) return "";
  return columns.run_hyperparameters?.[row] ? "run" : said.includes("imported") ? "imported" : "";
}
