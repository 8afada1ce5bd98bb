/** The table's columns with what the registry's log says over them; what the manifests say is untouched. Pure. */
import type { Alias, ModelSaid, Registry, VersionSaid } from "../../api/registry";
import type { Value } from "../../api/types";
import { byAlias } from "./aliases";

/** What the log says of one row. */
export interface Said {
  /** The log that speaks of it; null: none does. */
  log: ModelSaid | null;
  /** What is below is the last that is known, and not what holds now. */
  unknown: boolean;
  aliases: readonly Alias[];
  version: VersionSaid | null;
}

const NOTHING: Said = { log: null, unknown: false, aliases: [], version: null };

/** A log with the name of its model. */
export interface Log {
  model: string;
  log: ModelSaid;
}

/** Every log: a model has one in each folder that holds it. */
export function logsOf(registry: Registry | null): Log[] {
  return Object.entries(registry?.models ?? {}).flatMap(([model, log]) => [log, ...log.others].map((each) => ({ model, log: each })));
}

/** The row that a log means by a number; null: the table has no such row. */
export function idOf({ model, log }: Log, number: string): string | null {
  return Object.hasOwn(log.ids, number) ? (log.ids[number] as string | null) : `${model}:${number}`;
}

/** What the logs say, by the row's id; of most rows nothing. */
export class SaidOfRows {
  private readonly byId = new Map<string, Said>();

  constructor(registry: Registry | null) {
    for (const each of logsOf(registry)) this.take(each);
  }

  private take(each: Log): void {
    const { log } = each;
    const unknown = log.problem !== null;
    const held = new Map<string, Alias[]>();
    for (const alias of log.aliases) held.set(String(alias.number), [...(held.get(String(alias.number)) ?? []), alias]);
    for (const number of new Set([...Object.keys(log.versions), ...held.keys()])) {
      const id = idOf(each, number);
      const aliases = (held.get(number) ?? []).toSorted((a, b) => byAlias(a.name, b.name));
      if (id !== null) this.byId.set(id, { log, unknown, aliases, version: log.versions[number] ?? null });
    }
  }

  of(id: string | undefined): Said {
    return (id === undefined ? undefined : this.byId.get(id)) ?? NOTHING;
  }

  /** Positions of the rows that a log says something of, ascending. */
  rows(ids: readonly string[]): number[] {
    if (this.byId.size === 0) return [];
    return ids.flatMap((id, row) => (this.byId.has(id) ? [row] : []));
  }
}

/** A copy of a column in which some rows are others; the column itself where none is. */
export function overlaid<T>(column: T[], rows: readonly number[], of: (row: number) => T | undefined): T[] {
  let made: T[] | null = null;
  for (const row of rows) {
    const value = of(row);
    if (value === undefined) continue;
    made ??= column.slice();
    made[row] = value;
  }
  return made ?? column;
}

/** Names of the labels that were set later, in their order. */
export function laterLabels(registry: Registry): string[] {
  const names = new Set<string>();
  for (const { log } of logsOf(registry)) {
    if (log.problem !== null) continue;
    for (const { labels } of Object.values(log.versions)) for (const name of Object.keys(labels)) names.add(name);
  }
  return [...names].sort();
}

/** A label's value as it is now; undefined: the log says nothing of it. */
export function laterLabel({ version, unknown }: Said, name: string): Value | undefined {
  if (unknown || !version || !Object.hasOwn(version.labels, name)) return undefined;
  return version.labels[name] ?? null;
}

const LONGEST_LINE = 200;

/** As the table shows descriptions: the first line. */
export function firstLine(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line;
}
