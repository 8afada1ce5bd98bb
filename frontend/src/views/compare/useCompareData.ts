/** Everything that the comparison loads, in the order in which it is shown: first the curves, then what differs. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { ComparePayload, ScalarsPayload } from "../../api/types";
import { afterPaint } from "../../host/paint";
import { guessPayload, guessTags } from "../../model/compare/guess";
import type { Look } from "../../model/compare/look";
import { firstTags, runsOf } from "../../model/compare/pictures";
import { baselineOf } from "../../model/registry/baseline";
import type { Store } from "../../state/store";
import { type Loaded, useAlone, useComparison, useScalars } from "./load";

export interface CompareData {
  comparison: Loaded<ComparePayload>;
  /** What the table knows of the members until the comparison is there. */
  guess: ComparePayload | null;
  scalars: Loaded<ScalarsPayload>;
  /** Runs of the members that TensorBoard knows. */
  runs: string[];
  /** Tags that have a chart, pinned ones first. */
  tags: string[];
}

const isWithin = (some: readonly string[], all: readonly string[]): boolean => some.every((each) => all.includes(each));

/** Pinned charts first. */
function ordered(tags: string[], pins: string[]): string[] {
  const pinned = pins.filter((tag) => tags.includes(tag));
  return [...pinned, ...tags.filter((tag) => !pinned.includes(tag))];
}

/** `wait`: asks nothing yet. A single version is shown in the form of a comparison, a single run has none. */
function useMembers(store: Store, members: string[], look: Look, guess: ComparePayload | null, wait: boolean): Loaded<ComparePayload> {
  const revision = store.table.value?.payload.revision ?? "";
  const base = baselineOf(store.table.value, members, look.base);
  const together = useComparison(store.api, wait ? [] : members, base, look.goals, revision);
  const single = members.length === 1 ? (guess?.members.find((member) => member.kind === "version") ?? null) : null;
  const alone = useAlone(store.api, wait ? null : single, revision);
  if (members.length !== 1) return together;
  return single ? alone : { ...alone, value: null };
}

/**
 * Asked together, curves and comparison would wait for each other on the server, and the comparison takes longer. So the
 * table guesses runs and tags, and the curves are asked for at once. A wrong guess costs a second request.
 */
export function useCompareData(store: Store, members: string[], look: Look): CompareData {
  const table = store.table.value;
  const known = store.runs.known.value;
  const guess = useMemo(() => table && guessPayload(table, members, known ?? table.payload.runs), [table, members, known]);
  const guessedTags = useMemo(() => look.tags ?? (table && guess ? guessTags(table, guess) : []), [table, guess, look.tags]);
  const [wait, setWait] = useState(true);
  const comparison = useMembers(store, members, look, guess, wait);
  const current = comparison.stale ? null : comparison.value;
  const runs = useMemo(() => runsOf((current ?? guess)?.members ?? []), [current, guess]);
  const chosenTags = useMemo(
    () => (comparison.value ? ordered(look.tags ?? firstTags(comparison.value, guessedTags), look.pins) : null),
    [comparison.value, guessedTags, look],
  );
  // As long as the guess holds, its request is kept.
  const holds = current === null || chosenTags === null || isWithin(chosenTags, guessedTags);
  const guessedRuns = guess && holds ? runsOf(guess.members) : runs;
  const askedRuns = isWithin(runs, guessedRuns) ? guessedRuns : runs;
  const askedTags = holds ? guessedTags : chosenTags;
  const scalars = useScalars(store.api, askedRuns, askedTags, table?.payload.revision ?? "");
  const answered = scalars.value !== null || scalars.error !== null || guessedTags.length === 0 || guessedRuns.length === 0;
  useEffect(() => (answered ? afterPaint(() => setWait(false)) : undefined), [answered]);
  const drawn = useMemo(() => new Set(scalars.value?.series.map((each) => each.tag)), [scalars.value]);
  const tags = chosenTags ?? ordered(look.tags ?? guessedTags.filter((tag) => drawn.has(tag)), look.pins);
  return { comparison, guess, scalars, runs, tags };
}
