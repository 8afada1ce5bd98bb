/** Datasets against the baseline's: same content, same name with new content, or different. Pure. */
import type { Cell } from "./cells";
import type { Pair } from "./pairs";

const SAME = "same data";
const RENEWED = "same name, new content";
const RENAMED = "same content, other name";
const DIFFERENT = "different data";

type Table = ReadonlyMap<string, Cell>;

/** One dataset, by name and split. */
export function dataCell({ own, base, theirs }: Pair): Cell {
  if (own.absent) return own;
  return { ...own, verdict: base.absent ? (theirs.parts.get("data") ? DIFFERENT : "") : sameness(base, own) || "unknown" };
}

/** All data together. */
export function relationOfData({ own, ours, theirs }: Pair): Cell {
  if (own.absent || !theirs.hasManifest) return own;
  const verdict = relationOf(theirs.parts.get("data") ?? new Map(), ours.parts.get("data") ?? new Map());
  return { ...own, text: verdict || own.text, verdict: verdict || "unknown" };
}

/** How the data of two versions relate; "" where nothing can be said. */
function relationOf(old: Table, now: Table): string {
  const [before, after] = [old, now].map((table) => [...table.keys()].filter((key) => key !== "")) as [string[], string[]];
  const shared = before.filter((key) => now.has(key));
  if (before.length === 0 || after.length === 0) return "";
  const verdicts = shared.map((key) => sameness(old.get(key), now.get(key)));
  if (shared.length === before.length && shared.length === after.length) {
    if (verdicts.includes(RENEWED)) return RENEWED;
    return verdicts.includes("") ? "" : SAME;
  }
  const [one, two] = [digestsOf(old), digestsOf(now)];
  if (one.size > 0 && one.size === two.size && [...one].every((digest) => two.has(digest))) return RENAMED;
  if (shared.length > 0 && verdicts.every((verdict) => verdict === SAME)) return `${SAME} where both name it`;
  return one.size > 0 && two.size > 0 ? DIFFERENT : "";
}

const digestOf = (cell: Cell | undefined): unknown => cell?.details.digest;

const digestsOf = (table: Table): Set<unknown> => new Set([...table.values()].map(digestOf).filter(Boolean));

function sameness(old: Cell | undefined, now: Cell | undefined): string {
  if (!digestOf(old) || !digestOf(now)) return "";
  return digestOf(old) === digestOf(now) ? SAME : RENEWED;
}
