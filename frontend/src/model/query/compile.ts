/** From the filter's tree to a test of one row. What is absent satisfies no comparison; ask with "missing". */
import { type Column, isAbsent, type Table, type Value } from "../columns";
import type { Predicate } from "../rows";
import { SOURCE_NAMES } from "../sources";
import { trainingOf } from "../trainings";
import { parseDate, parseNumber, parseSize, type Span } from "./dates";
import { nearest, quoteName, quoteValue, type Vocabulary, vocabulary } from "./names";
import { isFlag, type Literal, type NameRef, type Node, type Operator, parse, type QueryError, QueryFault } from "./parse";
import { tokenize } from "./tokens";

export interface Compiled {
  predicate: Predicate | null;
  error: QueryError | null;
  /** What the filter finds is as written, but most likely not as meant: `optimizer = Adam` where all write "adam". */
  hint: QueryError | null;
}

/** Whether the text ends inside of a word, which may go on. A space, a closed quote or a bracket finishes a word. */
export function endsInWord(source: string): boolean {
  const last = tokenize(source).at(-2);
  return last?.kind === "word" && last.end === source.length;
}

/**
 * Whether the last word may be the beginning of a name: "acc and opt". Searched as a word it would
 * empty the table while somebody types.
 */
export function isUnfinished(source: string, table: Table): boolean {
  const tokens = tokenize(source).slice(0, -1);
  const last = tokens.at(-1);
  if (last?.kind !== "word") return false;
  if (isFlag(last.text)) return false;
  const typed = last.text.toLowerCase();
  const ended = last.end !== source.length;
  const begun = ["and", "or", "not", "has", "missing", ...vocabulary(table).names.map((each) => each.text.toLowerCase())];
  // Behind a whole name and a space an operator will come.
  if (!begun.some((name) => (ended ? name === typed : name.startsWith(typed)))) return false;
  if (tokens.length > 1) {
    const before = (tokens.at(-2)?.text ?? "").toLowerCase();
    if (["and", "or", "not", "has", "missing", "("].includes(before)) return true;
    return !ended && ["and", "or"].some((word) => word.startsWith(typed));
  }
  // Whether a version has the word is not known of all of them: Enter says that the word is whole.
  if (table.isPart) return true;
  for (let row = 0; row < table.count; row++) if (haystackOf(table, row).includes(typed)) return false;
  return true;
}

interface Scope {
  table: Table;
  words: Vocabulary;
  now: number;
  haystack(row: number): string;
  /** Filled while compiling. */
  hints: QueryError[];
}

/** Words in a cell are ordered as people order them: "layer10" after "layer9". */
const collator = new Intl.Collator("en", { numeric: true });

function order(op: Operator, sign: number): boolean {
  switch (op) {
    case "=":
      return sign === 0;
    case "!=":
      return sign !== 0;
    case "<":
      return sign < 0;
    case "<=":
      return sign <= 0;
    case ">":
      return sign > 0;
    default:
      return sign >= 0;
  }
}

function compareNumbers(op: Operator, value: number, asked: number): boolean {
  if (Number.isNaN(asked) || Number.isNaN(value)) {
    const same = Number.isNaN(asked) && Number.isNaN(value);
    return op === "=" ? same : op === "!=" && !same;
  }
  return order(op, value === asked ? 0 : value - asked);
}

/** A value inside the span is equal to it. */
function compareSpan(op: Operator, value: number, asked: Span): boolean {
  if (value < asked.from) return order(op, -1);
  return order(op, value > asked.to ? 1 : 0);
}

function compareText(op: Operator, value: string, asked: string): boolean {
  if (op === "~") return value.toLowerCase().includes(asked.toLowerCase());
  if (op === "=" || op === "!=") return (value === asked) === (op === "=");
  return order(op, collator.compare(value, asked));
}

function compareMixed(op: Operator, value: Value, literal: Literal, asked: number | null): boolean {
  if (typeof value === "number" && op !== "~") return asked !== null ? compareNumbers(op, value, asked) : op === "!=";
  if (typeof value === "string" && asked !== null && !literal.quoted && op !== "~") {
    const number = parseNumber(value);
    if (number !== null) return compareNumbers(op, number, asked);
  }
  return compareText(op, String(value), literal.text);
}

function resolve(scope: Scope, ref: NameRef): Column {
  const column = scope.words.find(ref.prefix, ref.name);
  if (column) return column;
  const asked = ref.prefix ? `${ref.prefix}.${ref.name}` : ref.name;
  const near = nearest(
    asked,
    scope.words.names.map((each) => each.text),
  );
  const hint = near === null ? "" : ` Did you mean ${near}?`;
  throw new QueryFault(`No column is called ${quoteName(asked)}.${hint}`, ref, near);
}

function numberTest(scope: Scope, column: Column, op: Operator, literal: Literal): Predicate {
  if (column.cells.kind !== "number") throw new QueryFault("This column holds no numbers.", literal);
  const { values, absent } = column.cells;
  if (op === "~") return (row) => !absent[row] && String(values[row]).includes(literal.text);
  if (column.role === "date") {
    const span = parseDate(literal.text, scope.now);
    if (!span) throw new QueryFault(`${literal.text} is no date: write 2026-11-01, 2026-11-01T12:30 or 7d for seven days ago.`, literal);
    return (row) => !absent[row] && compareSpan(op, values[row] as number, span);
  }
  if (column.role === "version" && (op === "=" || op === "!=")) return versionTest(scope, op, literal);
  const asked = column.role === "size" ? (parseSize(literal.text) ?? parseNumber(literal.text)) : parseNumber(literal.text);
  if (asked === null) {
    const example = column.role === "size" ? "10MB" : "0.9";
    throw new QueryFault(`${literal.text} is no number; ${column.title} holds numbers, as in ${example}.`, literal);
  }
  return (row) => !absent[row] && compareNumbers(op, values[row] as number, asked);
}

/** `version = 3`, `version = 1.4.0` and `version = "digits:3"` all name versions. */
function versionTest(scope: Scope, op: Operator, literal: Literal): Predicate {
  const { numbers, ids, payload } = scope.table;
  const semantic = payload.columns.semantic_version;
  const text = literal.text;
  return (row) => (numbers[row] === text || semantic[row] === text || ids[row] === text) === (op === "=");
}

/** All linked runs count, and the trainings that they are parts of: "mlp" for "mlp/train". */
function lists(scope: Scope, column: Column): ((row: number) => string[]) | null {
  if (column.cells.kind === "list") {
    const { values } = column.cells;
    return (row) => values[row] ?? [];
  }
  if (column.role !== "run") return null;
  const { columns, runs } = scope.table.payload;
  return (row) => {
    const names = (columns.runs[row] ?? []).map((index) => runs[index] ?? "");
    return [...new Set([...names, ...names.map(trainingOf)])];
  };
}

/** A column's texts by their small letters, found once: a list in brackets may have hundreds of values. */
const spellings = new WeakMap<Column, Map<string, Set<string>>>();

function spellingsOf(scope: Scope, column: Column, textsOf: (row: number) => readonly (string | null)[]): Map<string, Set<string>> {
  let found = spellings.get(column);
  if (found) return found;
  spellings.set(column, (found = new Map()));
  for (let row = 0; row < scope.table.count; row++) {
    for (const text of textsOf(row)) {
      if (text === null) continue;
      const folded = text.toLowerCase();
      const same = found.get(folded);
      if (same) same.add(text);
      else found.set(folded, new Set([text]));
    }
  }
  return found;
}

/** Notes where nothing is equal to a text but something is in another case: "=" minds case, as it does in Python. */
function noteCase(scope: Scope, column: Column, literal: Literal, textsOf: (row: number) => readonly (string | null)[]): void {
  const same = spellingsOf(scope, column, textsOf).get(literal.text.toLowerCase());
  if (!same || same.has(literal.text)) return;
  const [other] = same;
  const message = `No version has ${column.title} = ${quoteValue(literal.text)}: "=" minds the case.`;
  scope.hints.push({ message, at: literal.at, end: literal.end, fix: quoteValue(other as string) });
}

function listTest(of: (row: number) => string[], op: Operator, literal: Literal): Predicate {
  if (op === "!=") return (row) => of(row).length > 0 && !of(row).includes(literal.text);
  return (row) => of(row).some((each) => compareText(op, each, literal.text));
}

const STATES = ["present", "changed", "missing", "unreachable", "outside", "damaged", "unchecked", "removed", "elsewhere"];

/** Where a state or a source is asked for that does not exist. */
function checkWord(scope: Scope, { id, role }: Column, op: Operator, literal: Literal): void {
  const isSource = id === "sources" || id.startsWith("source:");
  if ((op !== "=" && op !== "!=") || !(isSource || role === "state")) return;
  const [what, words] = isSource ? (["source", SOURCE_NAMES as string[]] as const) : (["state", STATES] as const);
  const known = isSource ? words : [...new Set([...words, ...scope.table.payload.columns.state.values])];
  if (known.includes(literal.text)) return;
  const near = nearest(literal.text, known);
  const hint = near === null ? ` A ${what} is one of ${words.join(", ")}.` : ` Did you mean ${near}?`;
  throw new QueryFault(`No ${what} is called ${quoteValue(literal.text)}.${hint}`, literal, near);
}

function comparison(scope: Scope, column: Column, op: Operator, literal: Literal): Predicate {
  checkWord(scope, column, op, literal);
  const isEquality = op === "=" || op === "!=";
  const of = lists(scope, column);
  if (of && isEquality) noteCase(scope, column, literal, of);
  if (of) return listTest(of, op, literal);
  if (column.cells.kind === "number") return numberTest(scope, column, op, literal);
  const { values } = column.cells;
  if (isEquality) noteCase(scope, column, literal, (row) => (typeof values[row] === "string" ? [values[row] as string] : []));
  const asked = column.cells.kind === "mixed" ? parseNumber(literal.text) : null;
  return (row) => {
    const value = (values[row] ?? null) as Value;
    return value !== null && compareMixed(op, value, literal, asked);
  };
}

function compileNode(scope: Scope, node: Node): Predicate {
  switch (node.kind) {
    case "and": {
      const parts = node.parts.map((part) => compileNode(scope, part));
      return (row) => parts.every((part) => part(row));
    }
    case "or": {
      const parts = node.parts.map((part) => compileNode(scope, part));
      return (row) => parts.some((part) => part(row));
    }
    case "not": {
      const part = compileNode(scope, node.part);
      return (row) => !part(row);
    }
    case "compare":
      return comparison(scope, resolve(scope, node.name), node.op, node.value);
    case "in": {
      const column = resolve(scope, node.name);
      const parts = node.values.map((value) => comparison(scope, column, "=", value));
      return (row) => parts.some((part) => part(row));
    }
    case "has": {
      const column = resolve(scope, node.name);
      const of = lists(scope, column);
      return (row) => (of ? of(row).length > 0 : !isAbsent(column.cells, row)) === node.wanted;
    }
    case "text": {
      const asked = node.text.toLowerCase();
      return (row) => scope.haystack(row).includes(asked);
    }
  }
}

const haystacks = new WeakMap<Table, (string | undefined)[]>();

/** What a bare word is searched in: the names and words of a version, not its numbers. */
export function haystackOf(table: Table, row: number): string {
  let cache = haystacks.get(table);
  if (!cache) haystacks.set(table, (cache = new Array(table.count)));
  let text = cache[row];
  if (text === undefined) cache[row] = text = gather(table, row);
  return text;
}

const words = new WeakMap<Table, Value[][]>();

/** Hyperparameters and labels that are not all numbers. */
function wordsOf(table: Table): Value[][] {
  const { hyperparameters, labels } = table.payload;
  const found = words.get(table) ?? [...hyperparameters, ...labels].flatMap(({ values }) => ("kind" in values ? [] : [values]));
  words.set(table, found);
  return found;
}

function gather(table: Table, row: number): string {
  const { columns: c, runs } = table.payload;
  let text = table.ids[row] ?? "";
  const add = (part: Value | undefined): void => {
    if (typeof part === "string" && part !== "") text += `\n${part}`;
  };
  for (const column of [c.semantic_version, c.description, c.digest, c.notice]) add(column[row]);
  for (const column of [c.aliases, c.parents]) column[row]?.forEach(add);
  for (const index of c.runs[row] ?? []) add(runs[index]);
  for (const column of [c.state, c.framework]) add(column.values[column.codes[row] as number]);
  for (const values of wordsOf(table)) add(values[row]);
  return text.toLowerCase();
}

/** What is wrong with the form of a filter, whatever columns there are; null: nothing is. */
export function formError(source: string): QueryError | null {
  try {
    parse(source);
    return null;
  } catch (fault) {
    if (fault instanceof QueryFault) return fault.error;
    throw fault;
  }
}

export function compile(source: string, table: Table, now: number): Compiled {
  try {
    const node = parse(source);
    const scope: Scope = { table, words: vocabulary(table), now, haystack: (row) => haystackOf(table, row), hints: [] };
    const predicate = node && compileNode(scope, node);
    return { predicate, error: null, hint: scope.hints[0] ?? null };
  } catch (fault) {
    if (fault instanceof QueryFault) return { predicate: null, error: fault.error, hint: null };
    throw fault;
  }
}
