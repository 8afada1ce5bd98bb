/** The chips of a version: its aliases, or those that it had when the log was last understood. Pure. */
import type { Alias } from "../../api/registry";
import type { Table } from "../columns";
import { formatDate } from "../format";
import { byAlias, toneOf } from "./aliases";
import { saidIn } from "./late";

export interface ChipOf {
  name: string;
  tone: number;
  /** "", "not known" or "not what was promoted". */
  unknown: string;
  title: string;
}

export const NOT_KNOWN = "not known";
export const NOT_PROMOTED = "not what was promoted";

function chipOf(name: string, by: Alias | undefined): ChipOf {
  const who = by ? [`since ${formatDate(by.time)}`, by.actor && `by ${by.actor}`, by.reason && `“${by.reason}”`] : [];
  if (!by?.another_manifest) return { name, tone: toneOf(name), unknown: "", title: [name, ...who].filter(Boolean).join(" · ") };
  const what = `This is not what was promoted to ${name}: its manifest is another one. Roll back, or promote what is there if it is right.`;
  return { name, tone: toneOf(name), unknown: NOT_PROMOTED, title: [what, ...who].filter(Boolean).join(" · ") };
}

export function chipsOf(table: Table, row: number): ChipOf[] {
  const { unknown, aliases } = saidIn(table.payload)(row);
  if (unknown) {
    return aliases.map(({ name }) => ({
      name,
      tone: toneOf(name),
      unknown: NOT_KNOWN,
      title: `It held ${name} when the history was last understood. Whether it still does is not known.`,
    }));
  }
  const names = [...(table.payload.columns.aliases[row] ?? [])].sort(byAlias);
  return names.map((name) =>
    chipOf(
      name,
      aliases.find((alias) => alias.name === name),
    ),
  );
}

/** The aliases that a version holds and that were given to another manifest. */
export function heldByAnother(table: Table, row: number): readonly string[] {
  const names = table.payload.columns.aliases[row] ?? [];
  if (names.length === 0) return names;
  const { aliases } = saidIn(table.payload)(row);
  return names.filter((name) => aliases.some((alias) => alias.name === name && alias.another_manifest));
}

/** The aliases that a version holds, without those that were given to another manifest. */
export function surelyHeld(table: Table, row: number): readonly string[] {
  const names = table.payload.columns.aliases[row] ?? [];
  const others = heldByAnother(table, row);
  return others.length === 0 ? names : names.filter((name) => !others.includes(name));
}

/** "removed by keep=3 of run mlp, 2026-11-23 07:04: “reason”"; null: the log does not say so. */
export function removedWords(table: Table, row: number): string | null {
  const { version, unknown } = saidIn(table.payload)(row);
  const removed = unknown ? null : version?.removed;
  if (!removed) return null;
  const who = removed.by && removed.by !== "remove" ? removed.by : removed.actor;
  return `removed by ${who}, ${formatDate(removed.time)}${removed.reason ? `: “${removed.reason}”` : ""}`;
}

/** "Deprecated by anna, 2026-11-23 07:04: “refuses batch size 1”", "Removed by …": a sentence for each. */
export function withdrawnWords(table: Table, row: number): string[] {
  const { version, unknown } = saidIn(table.payload)(row);
  const deprecated = unknown ? null : version?.deprecated;
  const removed = removedWords(table, row);
  const why = deprecated?.reason ? `: “${deprecated.reason}”` : ".";
  return [
    ...(deprecated ? [`Deprecated by ${deprecated.actor}, ${formatDate(deprecated.time)}${why}`] : []),
    ...(removed ? [`${removed[0]?.toUpperCase()}${removed.slice(1)}${removed.endsWith("”") ? "" : "."}`] : []),
  ];
}
