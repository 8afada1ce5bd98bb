/** Which version held an alias when: from the model's history. Pure. */
import type { LogEvent, VersionNumber } from "../../api/registry";

/** A version held the alias from one moment to another. */
export interface Held {
  number: VersionNumber;
  from: number;
  /** null: it still does. */
  to: number | null;
}

/** `events`: in any order; the answer is the oldest first. */
export function holdersOf(events: readonly LogEvent[], alias: string): Held[] {
  const its = events.filter((event) => event.alias === alias && event.version !== null && event.kind.startsWith("alias_"));
  its.sort((a, b) => a.number - b.number);
  const held: Held[] = [];
  for (const { kind, version, effective } of its) {
    const last = held.at(-1);
    if (last && last.to === null) last.to = effective;
    if (kind !== "alias_removed") held.push({ number: version as VersionNumber, from: effective, to: null });
  }
  return held;
}

/** Whether events between the oldest and the newest one are missing: then who held an alias when is not known. */
export function haveGaps(events: readonly LogEvent[]): boolean {
  const numbers = events.map(({ number }) => number).sort((a, b) => a - b);
  return numbers.some((number, at) => at > 0 && number !== (numbers[at - 1] as number) + 1);
}

/** The last event that had happened at a moment; null: none had. `events` newest first. */
export function lastBefore(events: readonly LogEvent[], at: number): LogEvent | null {
  return events.find((event) => event.effective <= at) ?? null;
}
