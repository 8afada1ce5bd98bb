/** The payload as columns that filter, sort and show: typed arrays where the content is numbers. */
import type { Coded, MetricColumn, ValueColumn, VersionsPayload, WireNumber } from "../api/types";
import { trainingOf } from "./trainings";

export type Value = string | number | boolean | null;

export type Cells =
  | { kind: "number"; values: Float64Array; absent: Uint8Array }
  | { kind: "text"; values: (string | null)[] }
  | { kind: "mixed"; values: Value[] }
  | { kind: "list"; values: string[][] };

export type Role = "version" | "model" | "state" | "run" | "metric" | "value" | "count" | "size" | "date" | "digest" | "text" | "list";

export type Section = "Version" | "Metrics" | "Hyperparameters" | "Labels";

export interface Column {
  /** "created", "m:val_loss", "best:val_loss", "last:val_loss", "hp:optimizer", "label:team". */
  id: string;
  title: string;
  /** The small second line of the header: "at export". */
  caption: string;
  section: Section;
  role: Role;
  cells: Cells;
  goal: "max" | "min" | "unknown";
  /** For the metric roles: the wire column, and the values to print. */
  metric: MetricColumn | null;
  printed: (WireNumber | null)[] | null;
}

export interface Table {
  payload: VersionsPayload;
  count: number;
  ids: string[];
  indexOf: Map<string, number>;
  columns: Map<string, Column>;
  /** Version numbers as the user reads them. */
  numbers: string[];
}

/** "NaN" and the infinities arrive as strings. */
export function toNumber(value: WireNumber | null): number {
  return typeof value === "number" ? value : Number(value ?? Number.NaN);
}

export function numberCells(source: readonly (WireNumber | string | null)[]): Cells {
  const values = new Float64Array(source.length);
  const absent = new Uint8Array(source.length);
  for (let i = 0; i < source.length; i++) {
    const value = source[i];
    if (value === null || value === undefined) {
      absent[i] = 1;
      values[i] = Number.NaN;
    } else values[i] = typeof value === "number" ? value : Number(value);
  }
  return { kind: "number", values, absent };
}

export function decode(coded: Coded): (string | null)[] {
  return coded.codes.map((code) => coded.values[code] ?? null);
}

function valueCells(values: Value[]): Cells {
  if (values.every((value) => value === null || typeof value === "number")) return numberCells(values as (number | null)[]);
  return { kind: "mixed", values };
}

type Draft = Partial<Column> & Pick<Column, "id" | "title" | "cells">;

function column(draft: Draft): Column {
  return { caption: "", section: "Version", role: "text", goal: "unknown", metric: null, printed: null, ...draft };
}

function fixedColumns(payload: VersionsPayload): Column[] {
  const c = payload.columns;
  const text = (values: (string | null)[]): Cells => ({ kind: "text", values });
  // By the name that is shown: "mlp" for "mlp/train" and "mlp/validation".
  const names = payload.runs.map(trainingOf);
  const run = c.run.map((index) => names[index] ?? null);
  return [
    column({ id: "version", title: "Version", role: "version", cells: numberCells(c.number) }),
    column({ id: "model", title: "Model", role: "model", cells: text(decode(c.model)) }),
    column({ id: "alias", title: "Aliases", role: "list", cells: { kind: "list", values: c.aliases } }),
    column({ id: "state", title: "Files", role: "state", cells: text(decode(c.state)) }),
    column({ id: "run", title: "Run", role: "run", cells: text(run) }),
    column({ id: "step", title: "Step", role: "count", cells: numberCells(c.step) }),
    column({ id: "created", title: "Created", role: "date", cells: numberCells(c.created) }),
    column({ id: "size", title: "Size", role: "size", cells: numberCells(c.size) }),
    column({ id: "parameters", title: "Parameters", role: "count", cells: numberCells(c.parameters) }),
    column({ id: "digest", title: "Digest", role: "digest", cells: text(c.digest) }),
    column({ id: "framework", title: "Framework", cells: text(decode(c.framework)) }),
    column({ id: "parent", title: "Parents", role: "list", cells: { kind: "list", values: c.parents } }),
    column({ id: "description", title: "Description", cells: text(c.description) }),
  ];
}

function metricColumns(metric: MetricColumn): Column[] {
  const make = (prefix: string, caption: string, role: Role, printed: (WireNumber | null)[] | undefined): Column[] =>
    printed
      ? [
          column({
            id: `${prefix}:${metric.key}`,
            title: metric.key,
            caption,
            section: "Metrics",
            role,
            goal: metric.goal,
            metric,
            printed,
            cells: numberCells(printed),
          }),
        ]
      : [];
  return [
    ...make("m", "at export", "metric", metric.at_export),
    ...make("best", "best", "metric", metric.best),
    ...make("last", "last", "metric", metric.last),
  ];
}

function valueColumn(prefix: string, section: Section, source: ValueColumn): Column {
  return column({ id: `${prefix}:${source.name}`, title: source.name, section, role: "value", cells: valueCells(source.values) });
}

export function buildTable(payload: VersionsPayload): Table {
  const ids = payload.columns.id;
  const columns = [
    ...fixedColumns(payload),
    ...payload.metrics.flatMap(metricColumns),
    ...payload.hyperparameters.map((source) => valueColumn("hp", "Hyperparameters", source)),
    ...payload.labels.map((source) => valueColumn("label", "Labels", source)),
  ];
  return {
    payload,
    count: ids.length,
    ids,
    indexOf: new Map(ids.map((id, index) => [id, index])),
    columns: new Map(columns.map((each) => [each.id, each])),
    numbers: payload.columns.number.map(String),
  };
}

export function isAbsent(cells: Cells, row: number): boolean {
  switch (cells.kind) {
    case "number":
      return cells.absent[row] === 1;
    case "list":
      return (cells.values[row]?.length ?? 0) === 0;
    default:
      return (cells.values[row] ?? null) === null;
  }
}

/** Whether a column has two different values, in the given rows or (null) in all. */
export function differs(cells: Cells, rows: Uint32Array | null = null): boolean {
  const seen = (row: number): unknown => (cells.kind === "list" ? (cells.values[row] ?? []).join() : cells.values[row]);
  const first = rows ? (rows[0] ?? 0) : 0;
  const count = rows ? rows.length : cells.values.length;
  for (let at = 1; at < count; at++) if (!Object.is(seen(rows ? (rows[at] as number) : at), seen(first))) return true;
  return false;
}
