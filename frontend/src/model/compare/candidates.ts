/** Versions and runs that can be compared. Pure. */
import { decode, type Table } from "../columns";
import { heldByAnother, NOT_PROMOTED } from "../registry/chips";
import { trainingOf, withoutAnnouncing } from "../trainings";

export interface Candidate {
  /** "digits:3", "run:mlp". */
  id: string;
  name: string;
  hint: string;
  /** The run whose colour it has; "" where there is none. */
  run: string;
  /** A run whose versions are candidates too; an export compares only those. */
  hasVersions: boolean;
  /** Lower case. */
  search: string;
}

/** "production", or "production: not what was promoted". */
function aliasWords(table: Table, row: number): readonly string[] {
  const names = table.payload.columns.aliases[row] ?? [];
  const others = heldByAnother(table, row);
  return names.map((name) => (others.includes(name) ? `${name}: ${NOT_PROMOTED}` : name));
}

/** Versions, newest first, then trainings: those that made no version first. */
export function candidates(table: Table, runs: readonly string[]): Candidate[] {
  const { columns } = table.payload;
  const models = decode(columns.model);
  const own = new Set(table.payload.runs.map(trainingOf));
  const rows = table.ids.map((_, index) => index).sort((a, b) => (columns.created[b] ?? 0) - (columns.created[a] ?? 0));
  const versions = rows.map((index): Candidate => {
    const id = table.ids[index] as string;
    const name = `${models[index]} ${id.slice(id.lastIndexOf(":") + 1)}`;
    const hint = [columns.semantic_version[index], ...aliasWords(table, index)].filter(Boolean).join(" · ");
    const run = table.payload.runs[columns.run[index] as number] ?? "";
    return { id, name, hint, run, hasVersions: false, search: `${id} ${name} ${hint} ${run}`.toLowerCase() };
  });
  const trainings = new Map<string, string>();
  for (const run of withoutAnnouncing(runs)) if (!trainings.has(trainingOf(run))) trainings.set(trainingOf(run), run);
  const made = [...trainings].map(([name, run]): Candidate => {
    const hint = own.has(name) ? "run" : "run without a version";
    return { id: `run:${name}`, name, hint, run, hasVersions: own.has(name), search: `run ${name} ${hint}`.toLowerCase() };
  });
  return [...versions, ...made.filter((each) => !each.hasVersions), ...made.filter((each) => each.hasVersions)];
}
