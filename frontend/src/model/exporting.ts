/** What the Export button asks for. Pure. */
import type { Asked, ExportQuestion } from "../api/api";
import { quoteValue } from "./query/names";
import type { Facets } from "./rows";
import { shellQuote } from "./snippets";

/** Most versions of one download; the command line has no such limit. */
export const MOST_EXPORTED = 2000;

/** What is exported: versions by reference, or all that a filter finds; all versions where both are empty. */
export interface Chosen {
  refs: string[];
  /** Where the references would not fit into an address: a filter that finds the same versions; null: there is none. */
  filter: string | null;
  /** Of very many versions, of which the page does not have all: how the server finds the shown ones. */
  which?: Asked;
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

const ENDINGS = { html: "html", csv: "csv", json: "json", markdown: "md", latex: "tex" } as const;
const LONGEST_NAME = 80;
const MOST_NAMED = 3;

/** "digits-9-13" for digits:9 and digits:13; a run by its name. */
function namesOf(members: readonly string[]): string[] {
  const numbers = new Map<string, string[]>();
  for (const member of members) {
    const at = member.startsWith("run:") ? -1 : member.lastIndexOf(":");
    const name = at < 0 ? member.replace(/^run:/, "") : member.slice(0, at);
    numbers.set(name, [...(numbers.get(name) ?? []), ...(at < 0 ? [] : [member.slice(at + 1)])]);
  }
  return [...numbers].map(([name, of]) => [name, ...of].join("-"));
}

/** What a file is called: after what is compared, else after the models. Letters that every system takes. */
export function fileName(format: ExportQuestion["format"], compared: readonly string[], models: readonly string[]): string {
  const named = models.length <= MOST_NAMED ? models : [];
  const words = compared.length > 0 ? ["compare", ...namesOf(compared)] : [...named, "versions"];
  const safe = words.map((word) => word.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+|[-.]+$/g, ""));
  const name = safe.filter(Boolean).join("-");
  return `${name.slice(0, LONGEST_NAME).replace(/[-.]+$/, "")}.${ENDINGS[format]}`;
}

/** One filter for the sidebar and the text field together. */
export function filterOf(q: string, { models, aliases, runs, states }: Facets): string {
  const oneOf = (name: string, values: string[]): string =>
    values.length === 0 ? "" : `${name} in (${values.map(quoteValue).join(", ")})`;
  const parts = [oneOf("model", models), oneOf("alias", aliases), oneOf("run", runs), oneOf("state", states)];
  const written = q.trim() === "" ? "" : parts.some(Boolean) ? `(${q.trim()})` : q.trim();
  return [written, ...parts].filter(Boolean).join(" and ");
}

/** More references than these stand in no command: the filter says the same, or the reader selects fewer. */
const MOST_NAMED_IN_COMMAND = 60;

/** The same export on the command line; null where that has no words for what is shown. */
export function exportCommand(
  folders: readonly { path: string; kind: "logdir" | "models_dir" }[],
  { format, refs, filter, view }: ExportQuestion,
  out: string,
): string | null {
  if (refs.length > MOST_NAMED_IN_COMMAND) return null;
  const flags = folders.flatMap(({ path, kind }) => [kind === "logdir" ? "--logdir" : "--models-dir", shellQuote(path)]);
  const filtered = filter ? ["--filter", shellQuote(filter)] : [];
  const seen = format === "html" && view.includes("&") ? ["--view", shellQuote(view)] : [];
  const names = refs.length > 0 ? ["--", ...refs.map(shellQuote)] : [];
  return ["tb-versions", "export", ...flags, ...filtered, ...seen, "--out", shellQuote(out), ...names].join(" ");
}
