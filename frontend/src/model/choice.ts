/** Which columns are shown, in which order: defaults from the data, changed by what the user chose. */
import { type Cells, type Column, differs, isAbsent, type Table } from "./columns";
import { type Models, metricsOf, rowsOf } from "./lead";

export interface Choice {
  shown: string[];
  hidden: string[];
  /** "Put the first right behind the second"; an empty second means "to the front". Applied in order. */
  moved: [string, string][];
}

export const NO_CHOICE: Choice = { shown: [], hidden: [], moved: [] };

const FIRST_METRICS = 6;
const FIRST_HYPERPARAMETERS = 6;
const FIRST_LABELS = 3;

/** Every column, in the order in which the chooser and the table name them: metrics of the given models first. */
export function naturalOrder(table: Table, models: Models = null): string[] {
  const metrics = new Set([...metricsOf(table, models), ...table.payload.metrics]);
  const measured = [...metrics].flatMap(({ key }) => [`m:${key}`, `best:${key}`, `last:${key}`]);
  const rest = [...table.columns.keys()].filter((id) => table.columns.get(id)?.section !== "Metrics");
  const ids = [...measured.filter((id) => table.columns.has(id)), ...rest];
  const fixed = ids.filter((id) => table.columns.get(id)?.section === "Version");
  const front = ["version", "model", "alias", "state", "gate", "verified", "signed", "run", "step"];
  const values = ids.filter((id) => !fixed.includes(id));
  const rows = rowsOf(table, models);
  const rank = (id: string): number => {
    const column = table.columns.get(id) as Column;
    return column.section === "Hyperparameters" && !differs(column.cells, rows) ? 1 : 0;
  };
  const varied = values.filter((id) => rank(id) === 0);
  const constant = values.filter((id) => rank(id) === 1);
  const labels = varied.filter((id) => id.startsWith("label:"));
  return [
    ...front,
    ...varied.filter((id) => !id.startsWith("label:")),
    ...constant,
    ...labels,
    ...fixed.filter((id) => !front.includes(id)),
  ];
}

/** The columns that are shown where the reader chose none, for the given models. `oneModel`: their name says nothing. */
export function defaultColumns(table: Table, oneModel: boolean, models: Models = null): Set<string> {
  const shown = new Set(["version", "state", "run", "step", "created", "size", "digest"]);
  if (!oneModel) shown.add("model");
  const metrics = metricsOf(table, models).slice(0, FIRST_METRICS);
  for (const metric of metrics) shown.add(`m:${metric.key}`);
  const lead = metrics[0]?.key;
  if (lead !== undefined && table.columns.has(`best:${lead}`)) shown.add(`best:${lead}`);
  const rows = rowsOf(table, models);
  const gate = table.columns.get("gate");
  if (gate && has(gate.cells, rows)) shown.add("gate");
  for (const id of ["verified", "signed"]) {
    const checked = table.columns.get(id);
    if (checked && has(checked.cells, rows)) shown.add(id);
  }
  const later = [...table.columns.values()].filter((column) => column.later && has(column.cells, rows));
  for (const column of later.slice(0, FIRST_LATER)) shown.add(column.id);
  const add = (prefix: string, most: number): void => {
    const varied = [...table.columns.values()].filter((each) => each.id.startsWith(prefix) && differs(each.cells, rows));
    for (const each of varied.slice(0, most)) shown.add(each.id);
  };
  add("hp:", FIRST_HYPERPARAMETERS);
  add("label:", FIRST_LABELS);
  return shown;
}

const FIRST_LATER = 4;

/** Whether a column has a value, in the given rows or (null) in all. */
function has(cells: Cells, rows: Uint32Array | null): boolean {
  if (rows) return rows.some((row) => !isAbsent(cells, row));
  return cells.values.some((_, row) => !isAbsent(cells, row));
}

export interface Layout {
  /** All columns in the user's order. */
  order: string[];
  /** The shown ones, the version first. */
  visible: string[];
  defaults: Set<string>;
}

export function layout(natural: string[], defaults: Set<string>, choice: Choice): Layout {
  const order = [...natural];
  for (const [id, behind] of choice.moved) {
    const from = order.indexOf(id);
    if (from < 0 || id === behind || id === "version") continue;
    if (behind !== "" && !order.includes(behind)) continue;
    order.splice(from, 1);
    order.splice(Math.max(order.indexOf(behind), 0) + 1, 0, id);
  }
  const [shown, hidden] = [new Set(choice.shown), new Set(choice.hidden)];
  const visible = order.filter((id) => id === "version" || (!hidden.has(id) && (defaults.has(id) || shown.has(id))));
  return { order, visible, defaults };
}

export function setShown(choice: Choice, defaults: Set<string>, ids: string[], show: boolean): Choice {
  const touched = new Set(ids);
  const shown = choice.shown.filter((id) => !touched.has(id));
  const hidden = choice.hidden.filter((id) => !touched.has(id));
  for (const id of touched) {
    if (id === "version") continue;
    if (show && !defaults.has(id)) shown.push(id);
    if (!show && defaults.has(id)) hidden.push(id);
  }
  return { ...choice, shown, hidden };
}

/** Moves a column right behind another one; an earlier move of the same column is forgotten. */
export function moveBehind(choice: Choice, id: string, behind: string): Choice {
  if (id === behind || id === "version") return choice;
  return { ...choice, moved: [...choice.moved.filter(([each]) => each !== id), [id, behind === "" ? "version" : behind]] };
}

/** One place to the left (-1) or right (+1) among the visible columns. */
export function nudge(choice: Choice, visible: string[], id: string, by: -1 | 1): Choice {
  const at = visible.indexOf(id);
  const behind = visible[by === 1 ? at + 1 : at - 2];
  if (at < 1 || behind === undefined) return choice;
  return moveBehind(choice, id, behind);
}
