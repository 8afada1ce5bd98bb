/** What the page asks of very many rows: the parameters of `window` and `density`. Pure. */
import type { Asked } from "../../api/api";
import type { Brush } from "../explore/brush";
import type { Grouping } from "../group";
import { quoteValue } from "../query/names";
import type { Facets } from "../rows";
import type { SortKey } from "../sort";
import { trainingOf } from "../trainings";

/** Which rows are meant. */
export interface Which extends Facets {
  filter: string;
  brush: readonly Brush[];
  /** Deprecated and removed versions too. */
  all: boolean;
}

/** Which rows, and in which order. */
export interface Question extends Which {
  sort: readonly SortKey[];
  group: Grouping;
}

export const EVERYTHING: Question = {
  filter: "",
  models: [],
  aliases: [],
  runs: [],
  states: [],
  brush: [],
  all: false,
  sort: [],
  group: "none",
};

const PREFIXES: Readonly<Record<string, string>> = { m: "metric" };

/** A column's name as the filter language has it, without quotes: "metric.val_loss" for "m:val_loss", "created". */
export function columnName(id: string): string {
  const at = id.indexOf(":");
  if (at < 0) return id;
  const prefix = id.slice(0, at);
  return `${PREFIXES[prefix] ?? prefix}.${id.slice(at + 1)}`;
}

/** The ranges of numbers among the brushes: with very many rows the others do not apply. */
export const rangesOf = (brushes: readonly Brush[]): Brush[] => brushes.filter(({ range }) => range !== null);

export function askedWhich({ filter, models, aliases, runs, states, brush, all }: Which): [string, string][] {
  const each = (name: string, values: readonly string[]): [string, string][] => values.map((value) => [name, value]);
  const ranges = rangesOf(brush).map(({ id, range }) => ({ id, from: range?.[0] ?? null, to: range?.[1] ?? null }));
  return [
    ...each("filter", filter.trim() === "" ? [] : [filter]),
    ...each("model", models),
    ...each("alias", aliases),
    // An older link may name "mlp/train", which is a part of "mlp".
    ...each("run", [...new Set(runs.map(trainingOf))]),
    ...each("state", states),
    ...each("brush", ranges.length > 0 ? [JSON.stringify(ranges)] : []),
    ...each("all", all ? ["1"] : []),
  ];
}

export function asked(question: Question): [string, string][] {
  const sort = question.sort.map(({ id, desc }): [string, string] => ["sort", (desc ? "-" : "") + columnName(id)]);
  return [...askedWhich(question), ...sort, ...(question.group === "none" ? [] : [["group", question.group] as [string, string]])];
}

export const keyOf = (pairs: Asked): string => JSON.stringify(pairs);

/** Some versions by reference, whatever the filter and the ticks say. */
export function askedVersions(ids: readonly string[]): [string, string][] {
  return askedWhich({ ...EVERYTHING, filter: `version in (${ids.map(quoteValue).join(", ")})`, all: true });
}
