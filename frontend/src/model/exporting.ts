/** What the Export button asks for. Pure. */
import type { ExportQuestion } from "../api/api";
import { quoteValue } from "./query/names";
import type { Facets } from "./rows";
import { shellQuote } from "./snippets";

/** Most versions of one download; the command line has no such limit. */
export const MOST_EXPORTED = 2000;

/** What is exported: references, or a filter, or (both empty) all. */
export interface Chosen {
  refs: string[];
  /** Where the references would not fit into an address: a filter that finds the same versions; null: there is none. */
  filter: string | null;
  /** How many versions these are. */
  count: number;
  /** "3 selected versions". */
  words: string;
}

export const TABLES = [
  { format: "csv", label: "CSV" },
  { format: "json", label: "JSON" },
  { format: "markdown", label: "Markdown" },
  { format: "latex", label: "LaTeX" },
] as const;

/** A filter for what is chosen on the left and written in the field; null where the language has no words for it. */
export function filterOf(q: string, { models, aliases, runs, states }: Facets): string | null {
  // A click on a run finds all versions that are linked with it, `run = …` those that were exported from it.
  if (runs.length > 0) return null;
  const oneOf = (name: string, values: string[]): string =>
    values.length === 0 ? "" : `${name} in (${values.map(quoteValue).join(", ")})`;
  const parts = [oneOf("model", models), oneOf("alias", aliases), oneOf("state", states)];
  const written = q.trim() === "" ? "" : parts.some(Boolean) ? `(${q.trim()})` : q.trim();
  return [written, ...parts].filter(Boolean).join(" and ");
}

/** The same on the command line, for what is too much for one address. */
export function exportCommand(folders: readonly { path: string; kind: "logdir" | "models_dir" }[], question: ExportQuestion): string {
  const flags = folders.flatMap(({ path, kind }) => [kind === "logdir" ? "--logdir" : "--models-dir", shellQuote(path)]);
  const filter = question.filter ? ["--filter", shellQuote(question.filter)] : [];
  return ["tb-versions", "export", ...flags, ...filter, "--out", "share.html"].join(" ");
}
