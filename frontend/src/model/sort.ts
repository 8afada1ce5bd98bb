/** Sorting: each column gets ranks once; rows are put in order by counting them, the last column first. Total, stable, absent last. */
import type { Cells, Column, Table, Value } from "./columns";
import type { NumberCells } from "./parts";

export interface SortKey {
  id: string;
  desc: boolean;
}

/** Behind every number, in both directions: a NaN, and after it what is absent. */
const NAN_RANK = 0x7ffffffe;
const ABSENT_RANK = 0x7fffffff;

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "variant" });

function position(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rankNumbers(values: Float64Array, absent: Uint8Array): Int32Array {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const ranks = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (absent[i]) ranks[i] = ABSENT_RANK;
    else ranks[i] = Number.isNaN(value) ? NAN_RANK : position(sorted, value);
  }
  return ranks;
}

/** Numbers before truth values before text. */
function kindOf(value: Value): number {
  if (typeof value === "number") return 0;
  return typeof value === "boolean" ? 1 : 2;
}

function compareValues(a: Value, b: Value): number {
  const kind = kindOf(a) - kindOf(b);
  if (kind !== 0) return kind;
  if (typeof a === "number") return a - (b as number);
  if (typeof a === "boolean") return Number(a) - Number(b);
  const [x, y] = [String(a), String(b)];
  return collator.compare(x, y) || (x < y ? -1 : Number(x > y));
}

function distinctValues(values: Value[]): Value[] {
  return [...new Set(values)].filter((value) => value !== null && !Number.isNaN(value));
}

/** `sorted`: the different values in their order. */
function rankValues(values: Value[], sorted: Value[]): Int32Array {
  const rankOf = new Map<Value, number>(sorted.map((value, rank) => [value, rank]));
  return Int32Array.from(values, (value) => (value === null ? ABSENT_RANK : (rankOf.get(value) ?? NAN_RANK)));
}

/** Numbers above 2^53 travel as strings and are compared exactly. */
function rankVersions(numbers: (number | string)[]): Int32Array {
  const distinct = [...new Set(numbers.map(String))];
  const exact = new Map(distinct.map((text) => [text, /^-?\d+$/.test(text) ? BigInt(text) : null]));
  distinct.sort((a, b) => {
    const [x, y] = [exact.get(a) ?? null, exact.get(b) ?? null];
    if (x === null || y === null) return Number(x === null) - Number(y === null) || collator.compare(a, b);
    return x < y ? -1 : Number(x > y);
  });
  const rankOf = new Map(distinct.map((text, rank) => [text, rank]));
  return Int32Array.from(numbers, (number) => rankOf.get(String(number)) ?? ABSENT_RANK);
}

function valuesOf(cells: Exclude<Cells, NumberCells>): Value[] {
  return cells.kind === "list" ? cells.values.map((each) => (each.length ? each.join(" ") : null)) : cells.values;
}

export function rankCells(cells: Cells): Int32Array {
  if (cells.kind === "number") return rankNumbers(cells.values, cells.absent);
  const values = valuesOf(cells);
  return rankValues(values, distinctValues(values).sort(compareValues));
}

/** By the values of a column, which a newer table may have too. */
const known = new WeakMap<object, Int32Array>();

export function ranksOf(table: Table, column: Column): Int32Array {
  const { values } = column.cells;
  let ranks = known.get(values);
  if (!ranks) {
    const exact = column.role === "version" && table.payload.columns.number.some((each) => typeof each === "string");
    ranks = exact ? rankVersions(table.payload.columns.number) : rankCells(column.cells);
    known.set(values, ranks);
  }
  return ranks;
}

/** Comparing as many texts as this takes some 20 ms. */
const AT_ONCE = 4096;

function merged(a: Value[], b: Value[]): Value[] {
  const all: Value[] = [];
  let [left, right] = [0, 0];
  while (left < a.length && right < b.length) {
    const [x, y] = [a[left] as Value, b[right] as Value];
    const isFirst = compareValues(x, y) <= 0;
    all.push(isFirst ? x : y);
    if (isFirst) left++;
    else right++;
  }
  return all.concat(a.slice(left), b.slice(right));
}

/**
 * Ranks a column of very many different texts step by step, with pauses in which the page answers its reader.
 *
 * null: the column can be ranked at once, or is ranked already.
 */
export function rankSlowly(column: Column, pause: () => Promise<void>): Promise<void> | null {
  const { cells } = column;
  if (cells.kind === "number" || known.has(cells.values) || cells.values.length <= AT_ONCE) return null;
  const values = valuesOf(cells);
  const distinct = distinctValues(values);
  if (distinct.length <= AT_ONCE) return null;
  const rank = async (): Promise<void> => {
    let runs: Value[][] = [];
    for (let start = 0; start < distinct.length; start += AT_ONCE) {
      runs.push(distinct.slice(start, start + AT_ONCE).sort(compareValues));
      await pause();
    }
    while (runs.length > 1) {
      const longer: Value[][] = [];
      for (let at = 0; at < runs.length; at += 2) {
        longer.push(merged(runs[at] ?? [], runs[at + 1] ?? []));
        await pause();
      }
      runs = longer;
    }
    known.set(cells.values, rankValues(values, runs[0] ?? []));
  };
  return rank();
}

/** Where a rank stands in the order, `most` being the highest: NaN and what is absent stay behind in both directions. */
function place(rank: number, most: number, desc: boolean): number {
  if (rank >= NAN_RANK) return rank - NAN_RANK + most + 1;
  return desc ? most - rank : rank;
}

/** Orders rows by one column; equal ones stay as they are. Ranks are small numbers, so that counting them is enough. */
function byRank(rows: Uint32Array, ranks: Int32Array, desc: boolean): Uint32Array {
  let most = 0;
  for (const row of rows) {
    const rank = ranks[row] as number;
    if (rank < NAN_RANK && rank > most) most = rank;
  }
  const places = Uint32Array.from(rows, (row) => place(ranks[row] as number, most, desc));
  const next = new Uint32Array(most + 4);
  for (const at of places) next[at + 1] = (next[at + 1] as number) + 1;
  for (let at = 1; at < next.length; at++) next[at] = (next[at] as number) + (next[at - 1] as number);
  const ordered = new Uint32Array(rows.length);
  rows.forEach((row, at) => {
    const own = places[at] as number;
    const to = next[own] as number;
    next[own] = to + 1;
    ordered[to] = row;
  });
  return ordered;
}

/** Reorders `rows` in place; equal rows keep the payload's order. */
export function sortRows(table: Table, rows: Uint32Array, keys: SortKey[]): Uint32Array {
  let ordered = rows.sort();
  for (const { id, desc } of keys.toReversed()) {
    const column = table.columns.get(id);
    if (column) ordered = byRank(ordered, ranksOf(table, column), desc);
  }
  if (ordered !== rows) rows.set(ordered);
  return rows;
}

/** Click on a header: up, down, none; with shift the other keys stay. The first direction is the useful one. */
export function nextSort(keys: SortKey[], id: string, several: boolean, firstDesc: boolean): SortKey[] {
  const own = keys.find((key) => key.id === id);
  const rest = several ? keys.filter((key) => key.id !== id) : [];
  if (!own || (!several && keys.length > 1)) return [...rest, { id, desc: firstDesc }];
  if (own.desc !== firstDesc) return rest;
  const flipped = { id, desc: !own.desc };
  return several ? keys.map((key) => (key.id === id ? flipped : key)) : [flipped];
}
