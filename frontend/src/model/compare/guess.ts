/**
 * What the table already knows of a comparison, so that curves are asked for, and drawn, before its answer is there.
 * Pure. A wrong guess costs a second request, never a wrong picture.
 */
import type { CompareMember, ComparePayload } from "../../api/types";
import { decode, isAbsent, type Table } from "../columns";

const MOST_METRICS = 6;

function ofVersion(table: Table, row: number, models: (string | null)[]): CompareMember {
  const { columns, runs } = table.payload;
  const id = table.ids[row] as string;
  return {
    id,
    kind: "version",
    label: id.replace(":", " "),
    model: models[row] ?? null,
    number: columns.number[row] ?? null,
    semantic_version: columns.semantic_version[row] ?? null,
    created: columns.created[row] ?? null,
    state: null,
    notice: null,
    runs: (columns.runs[row] ?? []).map((index) => ({
      name: runs[index] as string,
      step: columns.step[row] ?? null,
      wall_time: columns.created[row] ?? null,
      known: columns.run_known[row] ?? false,
    })),
    siblings: [],
  };
}

function ofRun(id: string, known: ReadonlySet<string>): CompareMember {
  const name = id.slice("run:".length);
  const names = [name, `${name}/train`, `${name}/validation`].filter((each) => known.has(each));
  return {
    id,
    kind: "run",
    label: `run ${name}`,
    model: null,
    number: null,
    semantic_version: null,
    created: null,
    state: null,
    notice: null,
    runs: names.map((run) => ({ name: run, step: null, wall_time: null, known: true })),
    siblings: [],
  };
}

/** The members, without a word about what differs. */
export function guessPayload(table: Table, ids: readonly string[], runs: readonly string[]): ComparePayload {
  const models = decode(table.payload.columns.model);
  const known = new Set(runs);
  const members = ids.flatMap((id) => {
    const row = table.indexOf.get(id);
    if (row !== undefined) return [ofVersion(table, row, models)];
    return id.startsWith("run:") ? [ofRun(id, known)] : [];
  });
  return { schema_version: 1, revision: "", summary: "", baseline: 0, members, groups: [], rows: [], differing: 0, equal: 0, problems: [] };
}

/**
 * Tags that the metrics with a goal are most likely read from: of their own name, or as Keras calls them.
 * Those with a best value have a curve; before the table knows any such, each may have one.
 */
export function guessTags(table: Table, { members }: ComparePayload): string[] {
  const rows = members.flatMap((member) => table.indexOf.get(member.id) ?? []);
  const has = (id: string): boolean => {
    const cells = table.columns.get(id)?.cells;
    return cells !== undefined && (rows.length === 0 || rows.some((row) => !isAbsent(cells, row)));
  };
  const aimed = table.payload.metrics.filter(({ goal }) => goal !== "unknown");
  const drawn = aimed.filter(({ key }) => has(`best:${key}`));
  const metrics = drawn.length > 0 ? drawn : aimed.filter(({ key }) => has(`m:${key}`));
  const names = [...new Set(metrics.map((metric) => metric.name))].slice(0, MOST_METRICS);
  const keras = members.some((member) => member.runs.some((run) => /\/(train|validation)$/.test(run.name)));
  return [...new Set(names.flatMap((name) => (keras ? [`epoch_${name.replace(/^val_/, "")}`, name] : [name])))];
}
