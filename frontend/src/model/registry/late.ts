/** The table with what was said and measured after publishing. Pure. */
import type { GateSaid, Registry } from "../../api/registry";
import type { Columns, Value } from "../../api/types";
import { type NumberCells, numberCells } from "../parts";
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

/** The last results of gates for a row. */
export function gatesIn(whole: Whole, row: number): readonly GateSaid[] {
  return saidIn(whole)(row).version?.gates ?? [];
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
  return [...base.labels, ...made].flatMap((label) => {
    if (!changed.has(label.name)) return [label];
    const before = known.has(label.name) ? listed(label.values) : new Array<Value>(base.columns.id.length).fill(null);
    const values = overlaid<Value>(before, rows(), (row) => laterLabel(said(row), label.name));
    // A label that was removed from every version is none.
    return values.every((value) => value === null) ? [] : [{ name: label.name, values }];
  });
}

/** A metric that was measured after publishing, on some data and from some source, as a column. */
export interface LaterMetric {
  /** "accuracy [clinic-2026-11] (monitoring)" */
  key: string;
  name: string;
  goal: "max" | "min" | "unknown";
  /** "clinic-2026-11 · monitoring" */
  from: string;
  readonly cells: NumberCells;
  /** When each value was measured; NaN where there is none. */
  readonly times: Float64Array;
}

export function laterMetrics({ registry, columns }: Whole): LaterMetric[] {
  if (!registry) return [];
  return registry.measured.map((head, at) => {
    const { key, name, goal, dataset, slice, source } = head;
    const metric = { key, name, goal: goal === "max" || goal === "min" ? goal : "unknown" } as LaterMetric;
    metric.from = [slice ? `${dataset}/${slice}` : dataset, source].filter(Boolean).join(" · ");
    lazy(metric, "cells", () => cellsOf(registry, columns.id, at));
    lazy(metric, "times", () => Float64Array.from(columns.id, (id) => latestOf(registry, id, at)?.[1] ?? Number.NaN));
    return metric;
  });
}

/** By name alone: the newest value on any data from any source; without those that a column has. */
export function newestOfNames(whole: Whole): LaterMetric[] {
  const all = laterMetrics(whole);
  const keys = new Set(all.map(({ key }) => key));
  const names = [...new Set(all.map(({ name }) => name))].filter((name) => !keys.has(name));
  return names.map((name) => {
    const its = all.filter((metric) => metric.name === name);
    const metric = { key: name, name, goal: its[0]?.goal ?? "unknown", from: "" } as LaterMetric;
    const newest = (row: number): LaterMetric | undefined =>
      its.filter(({ cells }) => !cells.absent[row]).sort((a, b) => (b.times[row] ?? 0) - (a.times[row] ?? 0))[0];
    const at = <T>(of: (of: LaterMetric, row: number) => T, otherwise: T): T[] =>
      whole.columns.id.map((_, row) => {
        const found = newest(row);
        return found ? of(found, row) : otherwise;
      });
    lazy(metric, "cells", () => numberCells(at<number | null>(({ cells }, row) => cells.values[row] ?? null, null)));
    lazy(metric, "times", () => Float64Array.from(at(({ times }, row) => times[row] ?? Number.NaN, Number.NaN)));
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
