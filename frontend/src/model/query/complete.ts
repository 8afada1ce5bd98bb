/** What could come next at the caret: names, operators, values, connectives. */
import { type Column, isAbsent, type Table } from "../columns";
import { quoteValue, vocabulary } from "./names";
import { type Token, tokenize } from "./tokens";

export interface Suggestion {
  /** Put in place of [from, to). */
  insert: string;
  label: string;
  /** "at export", "operator", "3 versions" … */
  hint: string;
}

export interface Completion {
  from: number;
  to: number;
  items: Suggestion[];
}

const MOST = 12;
const JOINTS = ["and", "or"];

function values(table: Table, column: Column): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (value: string): void => void counts.set(value, (counts.get(value) ?? 0) + 1);
  const { cells } = column;
  for (let row = 0; row < table.count; row++) {
    if (isAbsent(cells, row)) continue;
    if (cells.kind === "list") for (const each of cells.values[row] ?? []) add(each);
    else add(String(cells.values[row]));
    if (counts.size > 500) break;
  }
  return counts;
}

function operators(column: Column): [string, string][] {
  const ordered: [string, string][] = [
    [">", "above"],
    [">=", "at least"],
    ["<", "below"],
    ["<=", "at most"],
  ];
  const equal: [string, string][] = [
    ["=", "is"],
    ["!=", "is not"],
  ];
  if (column.cells.kind === "number") return [...ordered, ...equal];
  return [...equal, ["~", "contains"], ["in (", "one of"]];
}

function valueSuggestions(table: Table, column: Column): Suggestion[] {
  if (column.role === "date") {
    return [
      { insert: "1d", label: "1d", hint: "a day ago" },
      { insert: "7d", label: "7d", hint: "a week ago" },
      { insert: "today", label: "today", hint: "since midnight" },
    ];
  }
  if (column.role === "metric") return [];
  const found = [...values(table, column)].sort((a, b) => b[1] - a[1]);
  return found.map(([value, count]) => ({
    insert: quoteValue(value),
    label: value,
    // Of some rows only, a count would be wrong.
    hint: table.isPart ? "" : count === 1 ? "1 version" : `${count} versions`,
  }));
}

function nameSuggestions(table: Table): Suggestion[] {
  const hint = (column: Column): string =>
    column.caption || (column.section === "Version" ? "" : column.section.replace(/s$/, "").toLowerCase());
  return vocabulary(table).names.map(({ text, column }) => ({ insert: text, label: text, hint: hint(column) }));
}

const plain = (text: string, hint: string): Suggestion => ({ insert: text, label: text, hint });

/** Where the caret stands: behind a name, behind an operator, or where a condition may start. */
function candidates(table: Table, before: Token[]): Suggestion[] {
  const last = before.at(-1);
  const words = vocabulary(table);
  const columnOf = (token: Token | undefined): Column | null =>
    token && ["word", "name", "string"].includes(token.kind) ? words.find(token.prefix, token.text) : null;
  if (!last) return [...nameSuggestions(table), plain("not", "")];
  if (last.kind === "op") {
    const column = columnOf(before.at(-2));
    return column ? valueSuggestions(table, column) : [];
  }
  const list = openList(before);
  if (list && (last.kind === "(" || last.kind === ",")) {
    const column = columnOf(before[list - 2]);
    return column ? valueSuggestions(table, column) : [];
  }
  if (list || last.kind === "bad") return [];
  if (last.kind === "(" || isWord(last, ["and", "or", "not"])) return [...nameSuggestions(table), plain("not", "")];
  if (isWord(last, ["has", "missing"])) return nameSuggestions(table);
  const column = before.at(-2)?.kind === "op" ? null : columnOf(last);
  if (column && last.kind !== ")") return operators(column).map(([text, hint]) => plain(text, hint));
  return JOINTS.map((each) => plain(each, ""));
}

function isWord(token: Token, words: string[]): boolean {
  return token.kind === "word" && words.includes(token.text.toLowerCase());
}

/** The index of "(" of an `in (` that is still open, or 0. */
function openList(before: Token[]): number {
  const at = before.findLastIndex((token) => token.kind === "(" || token.kind === ")");
  const open = before[at];
  const word = before[at - 1];
  return at > 1 && open?.kind === "(" && word && isWord(word, ["in"]) ? at : 0;
}

export function complete(source: string, caret: number, table: Table): Completion {
  const tokens = tokenize(source.slice(0, caret)).slice(0, -1);
  const last = tokens.at(-1);
  const touching = last && last.end === caret && ["word", "name", "string", "bad"].includes(last.kind) ? last : null;
  const typed = touching ? source.slice(touching.at, caret).replace(/["'`]/g, "").toLowerCase() : "";
  const before = touching ? tokens.slice(0, -1) : tokens;
  const from = touching ? touching.at : caret;
  const matches = candidates(table, before).filter((item) => item.label.toLowerCase().replace(/`/g, "").includes(typed));
  const starts = (item: Suggestion): number => (item.label.toLowerCase().startsWith(typed) ? 0 : 1);
  const sorted = typed ? matches.sort((a, b) => starts(a) - starts(b)) : matches;
  const exact = sorted.length === 1 && sorted[0]?.insert.toLowerCase() === typed;
  const rest = /^[^\s()=<>~!,"'`]*/.exec(source.slice(caret))?.[0].length ?? 0;
  return { from, to: touching ? caret + rest : caret, items: exact ? [] : sorted.slice(0, MOST) };
}
