/**
 * Whose metrics count. Pure.
 *
 * Metrics belong to models: val_loss of one model says nothing about val_loss of another. So each model has its own
 * lead metric, and a table of some models shows the metrics of these.
 */
import { isAbsent, type Table } from "./columns";
import type { Metric } from "./whole";

/** Codes of models, as in `columns.model.codes`; null: all models. */
export type Models = ReadonlySet<number> | null;

interface OfModel {
  code: number;
  versions: number;
  /** Those with a value in a version of the model, in the payload's order. */
  metrics: Metric[];
  lead: Metric | null;
  /** Whether a manifest names the lead. */
  isSaid: boolean;
}

/** What a reader most likely asks for first: a guess, where no version says it. */
function guessed(metrics: readonly Metric[]): Metric | null {
  // `monitor=` of the Keras callback and `goal=` of a single metric both leave one goal in the manifest.
  const said = metrics.filter((metric) => metric.goal_source === "manifest");
  if (said.length === 1) return said[0] ?? null;
  const held = metrics.filter((metric) => /^(val|valid|validation|test|eval)/i.test(metric.name) && metric.goal !== "unknown");
  const aimed = metrics.find((metric) => metric.goal !== "unknown");
  return held.find((metric) => metric.goal === "max") ?? held[0] ?? aimed ?? metrics[0] ?? null;
}

/** For each model code 1 where a version of the model has a value. */
function modelsWith(metric: Metric, table: Table): Uint8Array {
  const { codes, values } = table.payload.columns.model;
  const found = new Uint8Array(values.length);
  const [exported, best] = ["m", "best"].map((prefix) => table.columns.get(`${prefix}:${metric.key}`)?.cells);
  let missing = values.length;
  for (let row = 0; row < codes.length && missing > 0; row++) {
    const code = codes[row] as number;
    if (code < 0 || found[code] || ((!exported || isAbsent(exported, row)) && (!best || isAbsent(best, row)))) continue;
    found[code] = 1;
    missing--;
  }
  return found;
}

const known = new WeakMap<Table, OfModel[]>();

/** By code. */
function models(table: Table): OfModel[] {
  const found = known.get(table) ?? findModels(table);
  known.set(table, found);
  return found;
}

/** By model code, the name of the metric that the newest version names as the lead; rows are sorted by number. */
function namedLeads(table: Table): (string | undefined)[] {
  const { model, lead_metric: lead } = table.payload.columns;
  const names: (string | undefined)[] = [];
  lead?.codes.forEach((at, row) => {
    if (at >= 0) names[model.codes[row] as number] = lead.values[at];
  });
  return names;
}

function findModels(table: Table): OfModel[] {
  const { codes, values } = table.payload.columns.model;
  const versions = new Uint32Array(values.length);
  for (const code of codes) if (code >= 0) versions[code] = (versions[code] as number) + 1;
  const said = namedLeads(table);
  const having = table.payload.metrics.map((metric) => ({ metric, models: modelsWith(metric, table) }));
  return values.map((_, code) => {
    const metrics = having.filter((each) => each.models[code]).map((each) => each.metric);
    const name = said[code];
    const named = metrics.find(({ key }) => key === name) ?? metrics.find((metric) => metric.name === name) ?? null;
    return { code, versions: versions[code] as number, metrics, lead: named ?? guessed(metrics), isSaid: named !== null };
  });
}

/** The models that count, the one with the most versions first. */
function counted(table: Table, which: Models): OfModel[] {
  const found = models(table).filter((model) => which === null || which.has(model.code));
  return found.sort((a, b) => b.versions - a.versions);
}

/** The metrics of some models: first the lead of each, then the others as the payload has them. */
export function metricsOf(table: Table, which: Models): Metric[] {
  const own = counted(table, which);
  const leads = own.flatMap((model) => model.lead ?? []);
  const others = new Set(own.flatMap((model) => model.metrics));
  return [...new Set([...leads, ...table.payload.metrics.filter((metric) => others.has(metric))])];
}

/** Key of the metric to show first: the lead of the largest model that has one. */
export function leadingMetric(table: Table, which: Models = null): string | null {
  return metricsOf(table, which)[0]?.key ?? null;
}

/** Key of the lead metric of each model, by code. */
export function leadsOf(table: Table): (string | null)[] {
  return models(table).map((model) => model.lead?.key ?? null);
}

/** Whether a metric is the lead of any of some models: named by a version, guessed, or not. */
export function leading(table: Table, which: Models, key: string): "named" | "guessed" | null {
  const own = counted(table, which).filter(({ lead }) => lead?.key === key);
  return own.length === 0 ? null : own.some(({ isSaid }) => isSaid) ? "named" : "guessed";
}

/** Codes of models by name; names that the table does not have are left out, and null means all. */
export function modelsNamed(table: Table, names: readonly string[]): Models {
  const { values } = table.payload.columns.model;
  const codes = names.map((name) => values.indexOf(name)).filter((code) => code >= 0);
  return codes.length > 0 ? new Set(codes) : null;
}

const rowsKnown = new WeakMap<Table, Map<string, Uint32Array>>();

/** The rows of some models; null: all rows. The same array for the same models. */
export function rowsOf(table: Table, which: Models): Uint32Array | null {
  if (which === null) return null;
  const memory = rowsKnown.get(table) ?? new Map<string, Uint32Array>();
  rowsKnown.set(table, memory);
  const key = [...which].sort((a, b) => a - b).join();
  const { codes } = table.payload.columns.model;
  const rows = memory.get(key) ?? Uint32Array.from(codes.flatMap((code, row) => (which.has(code) ? [row] : [])));
  memory.set(key, rows);
  return rows;
}
