/** The names a filter can use, and the nearest one to a misspelt word. */
import type { Column, Table } from "../columns";

/** Prefixes that say where to look, and the column ids they stand for. */
const PREFIXES = new Map([
  ["best", "best:"],
  ["last", "last:"],
  ["metric", "m:"],
  ["export", "m:"],
  ["measured", "measured:"],
  ["source", "source:"],
  ["hp", "hp:"],
  ["label", "label:"],
]);

const SYNONYMS = new Map([
  ["number", "version"],
  ["files", "state"],
  ["aliases", "alias"],
  ["gates", "gate"],
  ["runs", "run"],
  ["parents", "parent"],
  ["name", "model"],
]);

/** Search order of a bare name: the fixed columns, then metrics, hyperparameters, labels. */
const PLACES = ["", "m:", "hp:", "label:"];

export interface Vocabulary {
  find(prefix: string, name: string): Column | null;
  /** As written in a filter, quoted where needed. */
  names: { text: string; column: Column }[];
}

export function quoteName(name: string): string {
  return /^[^\s()=<>~!,"'`]+$/.test(name) && !/^(and|or|not|in|has|missing)$/i.test(name) ? name : `\`${name.replace(/[\\`]/g, "\\$&")}\``;
}

export function quoteValue(value: string): string {
  return /^[^\s()=<>~!,"'`]+$/.test(value) && !/^(and|or|not|in|has|missing)$/i.test(value)
    ? value
    : `"${value.replace(/[\\"]/g, "\\$&")}"`;
}

function written(column: Column, taken: (name: string) => Column | null): string {
  if (column.section === "Version") return column.id;
  const prefix = column.id.slice(0, column.id.indexOf(":"));
  const short = !["best", "last", "measured", "source"].includes(prefix) && taken(column.title) === column;
  const word = prefix === "m" ? "metric" : prefix;
  return short ? quoteName(column.title) : `${word}.${quoteName(column.title)}`;
}

export function vocabulary(table: Table): Vocabulary {
  const folded = new Map<string, Column>();
  // What was measured later comes behind, sorted with what only a filter can name; sources come last.
  const shown = [...table.columns.values()];
  const later = [...shown, ...table.unshown].filter((column) => column.later).sort((a, b) => (a.id < b.id ? -1 : 1));
  const sources = table.unshown.filter((column) => !column.later);
  const columns = new Map([...shown.filter((column) => !column.later), ...later, ...sources].map((column) => [column.id, column]));
  for (const [id, column] of columns) if (!folded.has(id.toLowerCase())) folded.set(id.toLowerCase(), column);
  const byId = (id: string): Column | null => columns.get(id) ?? folded.get(id.toLowerCase()) ?? null;
  const bare = (name: string): Column | null => {
    for (const place of PLACES) {
      const column = columns.get(place + (place ? name : (SYNONYMS.get(name) ?? name)));
      if (column) return column;
    }
    for (const place of PLACES) {
      const column = byId(place + name);
      if (column) return column;
    }
    return null;
  };
  const find = (prefix: string, name: string): Column | null => {
    if (prefix !== "") return byId((PREFIXES.get(prefix.toLowerCase()) ?? `${prefix}:`) + name);
    const whole = bare(name);
    if (whole) return whole;
    const dot = name.indexOf(".");
    const place = dot > 0 ? PREFIXES.get(name.slice(0, dot).toLowerCase()) : undefined;
    return place === undefined ? null : byId(place + name.slice(dot + 1));
  };
  return { find, names: [...columns.values()].map((column) => ({ text: written(column, bare), column })) };
}

/** Edits between two words: insert, delete, replace, swap of neighbours. */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The one candidate that is near enough to be meant. */
export function nearest(word: string, candidates: string[]): string | null {
  const asked = word.slice(0, 64).toLowerCase();
  let [found, least]: [string | null, number] = [null, Math.max(1, Math.floor(asked.length / 3)) + 1];
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - asked.length) >= least) continue;
    const edits = distance(asked, candidate.toLowerCase());
    if (edits < least) [found, least] = [candidate, edits];
  }
  return found ?? candidates.find((candidate) => asked.length > 2 && candidate.toLowerCase().includes(asked)) ?? null;
}
