/** Which columns can be axes, and the most informative of them, which the charts show by default. Pure. */
import { type Column, differs, isAbsent, type Table } from "../columns";
import { leadingMetric, type Models, rowsOf } from "../lead";
import { specialOf, textOf } from "./brush";

/** An axis with more texts can't be read. */
const MOST_DIFFERENT = 50;
const HYPERPARAMETERS = 5;
/** A sample of this size ranks the columns well enough. */
const SAMPLE = 600;

export interface Offer {
  columns: Column[];
  /** Not fit for an axis, with the reason. */
  left: { column: Column; reason: string }[];
}

/** By the values of a column, which a newer table may have too. */
const reasons = new WeakMap<object, string | null>();

/** Why a column can't be an axis; null: it can. */
export function reasonAgainst(column: Column): string | null {
  const known = reasons.get(column.cells.values);
  if (known !== undefined) return known;
  const reason = findReason(column);
  reasons.set(column.cells.values, reason);
  return reason;
}

function findReason(column: Column): string | null {
  if (column.cells.kind === "number") return null;
  if (column.cells.kind === "list") return "several values in one version";
  const seen = new Set<string>();
  for (let row = 0; row < column.cells.values.length && seen.size <= MOST_DIFFERENT; row++) {
    if (specialOf(column, row) === null) seen.add(textOf(column, row));
  }
  if (seen.size > MOST_DIFFERENT) return `more than ${MOST_DIFFERENT} different texts`;
  return seen.size === 0 ? "no values" : null;
}

/** `order`: ids as the table names them. */
export function offerAxes(table: Table, order: readonly string[]): Offer {
  const offer: Offer = { columns: [], left: [] };
  for (const id of order) {
    const column = table.columns.get(id);
    if (!column) continue;
    const reason = reasonAgainst(column);
    if (reason === null) offer.columns.push(column);
    else offer.left.push({ column, reason });
  }
  return offer;
}

/** Places in the order of the values, equal ones share the middle. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] as number) - (values[b] as number));
  const out = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++;
    for (let at = from; at < to; at++) out[order[at] as number] = (from + to - 1) / 2;
    from = to;
  }
  return out;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The share of the ranks' variance that groups explain, less what chance explains. */
function explainedByGroups(groups: readonly string[], ys: readonly number[]): number {
  const members = new Map<string, number[]>();
  groups.forEach((group, index) => {
    const its = members.get(group);
    if (its) its.push(ys[index] as number);
    else members.set(group, [ys[index] as number]);
  });
  const [n, k, middle] = [ys.length, members.size, mean(ys)];
  const total = ys.reduce((sum, y) => sum + (y - middle) ** 2, 0);
  if (total === 0 || n <= k) return 0;
  const explained = [...members.values()].reduce((sum, its) => sum + its.length * (mean(its) - middle) ** 2, 0) / total;
  return (explained * (n - 1) - (k - 1)) / (n - k);
}

/** Spearman's correlation, squared, less what chance explains. */
function explainedByOrder(xs: readonly number[], ys: readonly number[]): number {
  const [n, mx, my] = [xs.length, mean(xs), mean(ys)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [dx, dy] = [(xs[i] as number) - mx, (ys[i] as number) - my];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 || n < 3 ? 0 : (((xy * xy) / (xx * yy)) * (n - 1) - 1) / (n - 2);
}

/** How much of a metric a column explains in some rows (null: in all), from 0 to 1; less where few versions have a value. */
export function telling(column: Column, metric: Column, rows: Uint32Array | null = null): number {
  if (metric.cells.kind !== "number") return 0;
  const { values } = metric.cells;
  const count = rows?.length ?? values.length;
  const every = Math.max(1, Math.ceil(count / SAMPLE));
  const sample = Array.from({ length: Math.ceil(count / every) }, (_, index) => rows?.[index * every] ?? index * every);
  const measured = sample.filter((row) => specialOf(metric, row) === null);
  const both = measured.filter((row) => specialOf(column, row) === null);
  if (both.length < 3) return 0;
  const ys = ranks(both.map((row) => values[row] as number));
  const { cells } = column;
  const explained =
    cells.kind === "number"
      ? explainedByOrder(ranks(both.map((row) => cells.values[row] as number)), ys)
      : explainedByGroups(
          both.map((row) => textOf(column, row)),
          ys,
        );
  return Math.max(0, explained) * (both.length / measured.length);
}

function hasValues({ cells }: Column): boolean {
  for (let row = 0; row < cells.values.length; row++) if (!isAbsent(cells, row)) return true;
  return false;
}

/** Hyperparameters that vary, the most telling first. */
export function tellingHyperparameters(table: Table, columns: readonly Column[], models: Models = null): Column[] {
  const metric = table.columns.get(`m:${leadingMetric(table, models)}`);
  const rows = rowsOf(table, models);
  const varied = columns.filter((column) => column.section === "Hyperparameters" && differs(column.cells, rows));
  if (!metric) return varied;
  const scores = new Map(varied.map((column) => [column, telling(column, metric, rows)]));
  return [...varied].sort((a, b) => (scores.get(b) as number) - (scores.get(a) as number));
}

/** What was varied on the left, what came of it on the right, the leading metric last. */
export function defaultAxes(table: Table, columns: readonly Column[], most: number, models: Models = null): string[] {
  const lead = `m:${leadingMetric(table, models)}`;
  const rows = rowsOf(table, models);
  const metrics = columns.filter(({ id, cells }) => id.startsWith("m:") && id !== lead && differs(cells, rows));
  const results = [
    ...metrics
      .slice(0, most > HYPERPARAMETERS ? 2 : 1)
      .reverse()
      .map(({ id }) => id),
    ...(table.columns.has(lead) ? [lead] : []),
  ];
  const varied = tellingHyperparameters(table, columns, models).slice(0, Math.min(HYPERPARAMETERS, most - results.length));
  const axes = [...varied.map(({ id }) => id), ...results];
  return axes.length > 1
    ? axes
    : [...new Set(["step", "created", ...axes])].filter((id) => columns.some((column) => column.id === id && hasValues(column)));
}

/** The most telling hyperparameter, one with several numbers before others, against the leading metric. */
export function defaultPair(table: Table, columns: readonly Column[], models: Models = null): [string, string] | null {
  const varied = tellingHyperparameters(table, columns, models);
  const x = varied.find(({ cells }) => cells.kind === "number" && new Set(cells.values).size > 3) ?? varied[0];
  const fallback = columns.find((column) => ["step", "created"].includes(column.id) && hasValues(column)) ?? columns[0];
  const y = columns.find(({ id }) => id === `m:${leadingMetric(table, models)}`) ?? columns[0];
  const first = x ?? fallback;
  return first && y ? [first.id, y.id] : null;
}
