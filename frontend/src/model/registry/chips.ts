/** The chips of a version: its aliases, or those that it had when the log was last understood. Pure. */
import type { Table } from "../columns";
import { formatDate } from "../format";
import { byAlias, toneOf } from "./aliases";
import { saidIn } from "./late";

export interface ChipOf {
  name: string;
  tone: number;
  /** "" or "not known". */
  unknown: string;
  title: string;
}

export const NOT_KNOWN = "not known";

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
  return names.map((name) => {
    const by = aliases.find((alias) => alias.name === name);
    const who = by ? [`since ${formatDate(by.time)}`, by.actor && `by ${by.actor}`, by.reason && `“${by.reason}”`] : [];
    return { name, tone: toneOf(name), unknown: "", title: [name, ...who].filter(Boolean).join(" · ") };
  });
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
