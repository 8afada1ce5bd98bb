/** The table with what was said and measured after publishing. Pure. */
import type { Registry } from "../../api/registry";
import type { Columns, Value } from "../../api/types";
import type { NumberCells } from "../parts";
import { lazy, type Values, type Whole } from "../whole";
import { firstLine, laterLabel, laterLabels, overlaid, type Said, SaidOfRows } from "./overlay";

/** What the log says of a row. */
export type SaidOf = (row: number) => Said;

const sayers = new WeakMap<Whole, SaidOfRows>();

function sayerOf(whole: Whole): SaidOfRows {
  const found = sayers.get(whole) ?? new SaidOfRows(whole.registry);
  sayers.set(whole, found);
  return found;
}

/** What the log says of each row of a table. */
export function saidIn(whole: Whole): SaidOf {
  const sayer = sayerOf(whole);
  return (row) => sayer.of(whole.columns.id[row]);
}

/** Positions of the rows that a log says something of. */
export function mentionedIn(whole: Whole): number[] {
  return sayerOf(whole).rows(whole.columns.id);
}

/**
 * The same table with the registry's aliases, labels, descriptions and semantic versions over it. Of a model whose state
 * is not known nothing is taken: no version of it holds an alias.
 */
export function withRegistry(base: Whole, registry: Registry | null): Whole {
  if (!registry) return base;
  const columns = {} as Columns;
  for (const name of Object.keys(base.columns) as (keyof Columns)[]) lazy(columns, name, () => base.columns[name]);
  const sayer = new SaidOfRows(registry);
  const said: SaidOf = (row) => sayer.of(base.columns.id[row]);
  let mentioned: number[] | null = null;
  const rows = (): number[] => (mentioned ??= sayer.rows(base.columns.id).filter((row) => !said(row).unknown));
  const names = (row: number): string[] => said(row).aliases.map((alias) => alias.name);
  lazy(columns, "aliases", () => overlaid(new Array<string[]>(base.columns.id.length).fill([]), rows(), names));
  lazy(columns, "semantic_version", () =>
    overlaid(base.columns.semantic_version, rows(), (row) => said(row).version?.semantic_version ?? undefined),
  );
  lazy(columns, "description", () => overlaid(base.columns.description, rows(), (row) => descriptionOf(said, row)));
  const whole: Whole = { ...base, columns, labels: labelsOf(base, registry, said, rows), registry };
  sayers.set(whole, sayer);
  return whole;
}

function descriptionOf(said: SaidOf, row: number): string | undefined {
  const text = said(row).version?.description;
  return text === null || text === undefined ? undefined : firstLine(text);
}

function listed(values: Values["values"]): Value[] {
  return "kind" in values ? Array.from(values.values, (value, row) => (values.absent[row] ? null : value)) : values;
}

function labelsOf(base: Whole, registry: Registry, said: SaidOf, rows: () => number[]): Values[] {
  const later = laterLabels(registry);
  if (later.length === 0) return base.labels;
  const changed = new Set(later);
  const known = new Set(base.labels.map((label) => label.name));
  const made = later.filter((name) => !known.has(name)).map((name): Values => ({ name, values: [] }));
  return [...base.labels, ...made].map((label) => {
    if (!changed.has(label.name)) return label;
    const column = { name: label.name } as Values;
    const before = (): Value[] => (known.has(label.name) ? listed(label.values) : new Array<Value>(base.columns.id.length).fill(null));
    lazy(column, "values", () => overlaid<Value>(before(), rows(), (row) => laterLabel(said(row), label.name)));
    return column;
  });
}

/** A metric that was measured after publishing, as a column. */
export interface LaterMetric {
  /** "accuracy [clinic-2026-11]": as keys of metrics; with its source behind it where two share the rest. */
  key: string;
  name: string;
  goal: "max" | "min" | "unknown";
  /** "clinic-2026-11 · monitoring" */
  from: string;
  readonly cells: NumberCells;
  /** When each value was measured; NaN where there is none. */
  readonly times: Float64Array;
}

function keysOf({ measured }: Registry): string[] {
  const plain = measured.map(({ name, dataset, slice }) => {
    const on = slice ? `${dataset}/${slice}` : dataset;
    return on ? `${name} [${on}]` : name;
  });
  return plain.map((key, at) => {
    const source = measured[at]?.source ?? "";
    const alone = plain.filter((other) => other === key).length === 1;
    return alone || source === "" ? key : `${key} · ${source}`;
  });
}

export function laterMetrics({ registry, columns }: Whole): LaterMetric[] {
  if (!registry) return [];
  const keys = keysOf(registry);
  return registry.measured.map((head, at) => {
    const { name, goal, dataset, slice, source } = head;
    const metric = { key: keys[at] as string, name, goal: goal === "max" || goal === "min" ? goal : "unknown" } as LaterMetric;
    metric.from = [slice ? `${dataset}/${slice}` : dataset, source].filter(Boolean).join(" · ");
    lazy(metric, "cells", () => cellsOf(registry, columns.id, at));
    lazy(metric, "times", () => Float64Array.from(columns.id, (id) => latestOf(registry, id, at)?.[1] ?? Number.NaN));
    return metric;
  });
}

function latestOf({ measured_values }: Registry, id: string, at: number): readonly [number | string, number] | null {
  return Object.hasOwn(measured_values, id) ? (measured_values[id]?.[at] ?? null) : null;
}

function cellsOf(registry: Registry, ids: readonly string[], at: number): NumberCells {
  const values = new Float64Array(ids.length).fill(Number.NaN);
  const absent = new Uint8Array(ids.length).fill(1);
  ids.forEach((id, row) => {
    const found = latestOf(registry, id, at);
    if (!found) return;
    values[row] = Number(found[0]);
    absent[row] = 0;
  });
  return { kind: "number", values, absent };
}
