/** The payload as columns that filter, sort and show: typed arrays where the content is numbers. */
import type { VersionSaid } from "../api/registry";
import type { Coded, Value, WireNumber } from "../api/types";
import { type NumberCells, type Numbers, numberCells } from "./parts";
import { gateWord } from "./registry/gates";
import { type LaterMetric, laterMetrics, newestOfNames, saidIn } from "./registry/late";
import { SOURCE_NAMES } from "./sources";
import { trainingOf } from "./trainings";
import type { Metric, Values, Whole } from "./whole";

export type { Value } from "../api/types";
export { numberCells } from "./parts";

export type Cells =
  | NumberCells
  | { kind: "text"; values: (string | null)[] }
  | { kind: "mixed"; values: Value[] }
  | { kind: "list"; values: string[][] };

export type Role =
  | "version"
  | "model"
  | "state"
  | "gate"
  | "trust"
  | "run"
  | "metric"
  | "value"
  | "count"
  | "size"
  | "date"
  | "digest"
  | "text"
  | "list"
  | "later";

export type Section = "Version" | "Metrics" | "Measured later" | "Hyperparameters" | "Labels";

export interface Column {
  /** "created", "m:val_loss", "best:val_loss", "last:val_loss", "measured:accuracy", "hp:optimizer", "label:team", "source:val_loss". */
  id: string;
  title: string;
  /** The small second line of the header: "at export". */
  caption: string;
  section: Section;
  role: Role;
  /** Made when they are first asked for. */
  readonly cells: Cells;
  goal: "max" | "min" | "unknown";
  /** Of the metric roles. */
  metric: Metric | null;
  /** Number of points where a value comes from a sample of its curve, and may be wrong; null where all are certain. */
  samples: (number | null)[] | null;
  /** Of a metric that was measured after publishing: when and where. */
  later: LaterMetric | null;
}

export interface Table {
  payload: Whole;
  count: number;
  ids: string[];
  indexOf: Map<string, number>;
  columns: Map<string, Column>;
  /** It has some of the rows only: what is true of all rows does not follow from it. */
  isPart: boolean;
  /** Columns that only a filter can name: a metric's newest value, on whatever data it was measured later; its source. */
  unshown: Column[];
  /** Version numbers as the user reads them. */
  readonly numbers: string[];
}

/** "NaN" and the infinities arrive as strings. */
export function toNumber(value: WireNumber | null): number {
  return typeof value === "number" ? value : Number(value ?? Number.NaN);
}

/** A number as it is printed; null where it is absent. */
export function printed({ cells }: Column, row: number): WireNumber | null {
  if (cells.kind !== "number" || cells.absent[row] !== 0) return null;
  const value = cells.values[row] as number;
  return Number.isFinite(value) ? value : (String(value) as WireNumber);
}

const decoded = new WeakMap<Coded, (string | null)[]>();

/** The same list for the same codes. */
export function decode(coded: Coded): (string | null)[] {
  const texts = decoded.get(coded) ?? coded.codes.map((code) => coded.values[code] ?? null);
  decoded.set(coded, texts);
  return texts;
}

const runNames = new WeakMap<number[], { runs: string[]; texts: (string | null)[] }>();

/** By the name that is shown: "mlp" for "mlp/train" and "mlp/validation". The same list for the same runs. */
function runTexts({ columns: { run }, runs }: Whole): (string | null)[] {
  const known = runNames.get(run);
  if (known?.runs === runs) return known.texts;
  const names = runs.map(trainingOf);
  const texts = run.map((index) => names[index] ?? null);
  runNames.set(run, { runs, texts });
  return texts;
}

const positionsOf = new WeakMap<string[], Map<string, number>>();

function indexOf(ids: string[]): Map<string, number> {
  const index = positionsOf.get(ids) ?? new Map(ids.map((id, at) => [id, at]));
  positionsOf.set(ids, index);
  return index;
}

function valueCells(values: Values["values"]): Cells {
  if ("kind" in values) return values;
  if (values.every((value) => value === null || typeof value === "number")) return numberCells(values as (number | null)[]);
  return { kind: "mixed", values };
}

type Draft = Partial<Omit<Column, "cells">> & Pick<Column, "id" | "title"> & { cells: () => Cells };

function column({ cells: make, ...draft }: Draft): Column {
  let made: Cells | null = null;
  return {
    ...{ caption: "", section: "Version", role: "text", goal: "unknown", metric: null, samples: null, later: null },
    ...draft,
    get cells() {
      made ??= make();
      return made;
    },
  };
}

function fixedColumns(payload: Whole): Column[] {
  const c = payload.columns;
  const text = (values: () => (string | null)[]) => (): Cells => ({ kind: "text", values: values() });
  const list = (values: () => string[][]) => (): Cells => ({ kind: "list", values: values() });
  return [
    column({ id: "version", title: "Version", role: "version", cells: () => numberCells(c.number) }),
    column({ id: "model", title: "Model", role: "model", cells: text(() => decode(c.model)) }),
    column({ id: "alias", title: "Aliases", role: "list", cells: list(() => c.aliases) }),
    column({ id: "state", title: "Files", role: "state", cells: text(() => decode(c.state)) }),
    column({ id: "run", title: "Run", role: "run", cells: text(() => runTexts(payload)) }),
    column({ id: "step", title: "Step", role: "count", cells: () => numberCells(c.step) }),
    column({ id: "created", title: "Created", role: "date", cells: () => numberCells(c.created) }),
    column({ id: "size", title: "Size", role: "size", cells: () => numberCells(c.size) }),
    column({ id: "parameters", title: "Parameters", role: "count", cells: () => numberCells(c.parameters) }),
    column({ id: "digest", title: "Digest", role: "digest", cells: text(() => c.digest) }),
    column({ id: "framework", title: "Framework", cells: text(() => decode(c.framework)) }),
    column({ id: "parent", title: "Parents", role: "list", cells: list(() => c.parents) }),
    column({ id: "description", title: "Description", cells: text(() => c.description) }),
    ...saidColumns(payload),
  ];
}

/** What people said of the versions. Of a model whose state is not known nothing is. */
function saidColumns(payload: Whole): Column[] {
  const { id } = payload.columns;
  const of = <T>(say: (version: VersionSaid) => T | null) => {
    const said = saidIn(payload);
    return id.map((_, row) => {
      const { version, unknown } = said(row);
      return version && !unknown ? say(version) : null;
    });
  };
  const { state } = payload.columns;
  const lists = (say: (version: VersionSaid) => string[]) => (): Cells => ({ kind: "list", values: of(say).map((each) => each ?? []) });
  /** The files went, whether a log says so or not. */
  const removed = (): Cells => {
    const values = of(({ removed: gone }) => (gone ? [gone.by] : null)).map(
      (each, row) => each ?? (payload.registry?.at == null && state.values[state.codes[row] as number] === "removed" ? ["remove"] : []),
    );
    return { kind: "list", values };
  };
  return [
    column({ id: "approved", title: "Approved", role: "list", cells: lists(({ approvals }) => approvals.map(({ actor }) => actor)) }),
    column({
      id: "deprecated",
      title: "Deprecated",
      role: "list",
      cells: lists(({ deprecated }) => (deprecated ? [deprecated.actor] : [])),
    }),
    column({ id: "removed", title: "Removed", role: "list", cells: removed }),
    column({ id: "sources", title: "Sources", role: "list", cells: () => ({ kind: "list", values: sourcesOfRows(payload) }) }),
    column({ id: "gate", title: "Gates", role: "gate", cells: () => ({ kind: "text", values: of(({ gates }) => gateWord(gates)) }) }),
    // As the server has it: a page that read the log alone would not know which manifest is there.
    column({
      id: "verified",
      title: "Verified",
      role: "trust",
      cells: () => ({ kind: "text", values: of(({ verified }) => verified?.now ?? null) }),
    }),
    column({ id: "signed", title: "Signed", role: "trust", cells: () => ({ kind: "text", values: of(({ signed }) => signed) }) }),
  ];
}

/** Where each row's numbers are from: values at export, those measured later, and what a replay found. */
function sourcesOfRows(payload: Whole): string[][] {
  const { id, sources, from_run } = payload.columns;
  const measured = payload.registry?.measured_values ?? {};
  const said = saidIn(payload);
  const lists = new Map<string, string[]>();
  return id.map((each, row) => {
    const { version, unknown } = said(row);
    const found = new Set(sources?.values[sources.codes[row] as number]?.split(" "));
    if (from_run?.[row]) found.add("run");
    if (Object.hasOwn(measured, each)) found.add("measured");
    if (!unknown && version?.replayed) found.add("replayed");
    const list = SOURCE_NAMES.filter((name) => found.has(name));
    const key = list.join();
    if (!lists.has(key)) lists.set(key, list);
    return lists.get(key) as string[];
  });
}

/** Of one metric, for filters: where each value at export is from. */
function sourceColumn(metric: Metric): Column {
  const texts = (): (string | null)[] => {
    const { values, absent } = numberCells(metric.at_export);
    const { values: words, codes } = metric.source ?? { values: [], codes: null };
    return Array.from(values, (_, row) => (absent[row] ? null : (words[codes === null ? 0 : (codes[row] as number)] ?? null)));
  };
  return column({
    ...{ id: `source:${metric.key}`, title: metric.key, caption: "source", section: "Metrics" },
    cells: () => ({ kind: "text", values: texts() }),
  });
}

function laterColumn(later: LaterMetric): Column {
  return column({
    id: `measured:${later.key}`,
    title: later.key,
    caption: "measured later",
    section: "Measured later",
    role: "later",
    goal: later.goal,
    later,
    cells: () => later.cells,
  });
}

function metricColumns(metric: Metric): Column[] {
  const make = (prefix: string, caption: string, numbers: () => Numbers): Column =>
    column({
      id: `${prefix}:${metric.key}`,
      title: metric.key,
      caption,
      section: "Metrics",
      role: "metric",
      goal: metric.goal,
      metric,
      // What the manifest says is certain.
      samples: (prefix === "m" ? metric.sample_at_export : metric.sample) ?? null,
      cells: () => numberCells(numbers()),
    });
  return [
    make("m", "at export", () => metric.at_export),
    ...("best" in metric ? [make("best", "best", () => metric.best ?? [])] : []),
    ...("last" in metric ? [make("last", "last", () => metric.last ?? [])] : []),
  ];
}

function valueColumn(prefix: string, section: Section, source: Values): Column {
  return column({ id: `${prefix}:${source.name}`, title: source.name, section, role: "value", cells: () => valueCells(source.values) });
}

export function buildTable(payload: Whole): Table {
  const ids = payload.columns.id;
  const columns = [
    ...fixedColumns(payload),
    ...payload.metrics.flatMap(metricColumns),
    ...laterMetrics(payload).map(laterColumn),
    ...payload.hyperparameters.map((source) => valueColumn("hp", "Hyperparameters", source)),
    ...payload.labels.map((source) => valueColumn("label", "Labels", source)),
  ];
  let numbers: string[] | null = null;
  return {
    payload,
    count: ids.length,
    ids,
    indexOf: indexOf(ids),
    columns: new Map(columns.map((each) => [each.id, each])),
    isPart: payload.status === "windowed",
    unshown: [...newestOfNames(payload).map(laterColumn), ...payload.metrics.map(sourceColumn)],
    get numbers() {
      numbers ??= payload.columns.number.map(String);
      return numbers;
    },
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
