/** Versions of software against the baseline's: packages added, removed, changed, major changes first. Pure. */
import { ABSENT, type Cell, cell, type LeftOut, type Row, row, UNKNOWN } from "./cells";
import type { Member } from "./members";
import type { Pair } from "./pairs";
import { count, firstCharacters, sorted, sortedBy } from "./text";

const ORDER = ["major", "removed", "added", "minor", "patch", "other", ""];
const PRE_RELEASE = /a|b|rc|\.dev|\.post|\+/;

export const versionCell = ({ own, base }: Pair): Cell =>
  own.absent || base.absent ? own : { ...own, verdict: changeOf(String(base.value), String(own.value)) };

export function packagesCell({ own, ours, theirs }: Pair): Cell {
  const [before, after] = [theirs.packages, ours.packages];
  if (!before || !after) return own;
  const changes = [...new Set([...before.keys(), ...after.keys()])].map((name) => changeOf(before.get(name), after.get(name)));
  const many = (kind: string) => changes.filter((change) => change === kind).length;
  const changed = changes.filter((change) => change && change !== "added" && change !== "removed").length;
  const words: [number, string][] = [
    [many("added"), "added"],
    [many("removed"), "removed"],
    [changed, many("major") > 0 ? `changed (${many("major")} major)` : "changed"],
  ];
  const told = words.flatMap(([number, word]) => (number > 0 ? [`${number} ${word}`] : []));
  return { ...own, text: told.join(", ") || "the same", reasons: [`${count(after.size, "package")} in all`] };
}

/** One row for each package that has no row of its own among the main versions. */
export function packageRows(
  members: readonly Member[],
  base: Member,
  main: readonly (readonly [string, string])[],
  leftOut: LeftOut,
): Row[] {
  const hasOwnRow = new Set(
    main.map(([key]) => key).filter((key) => members.some((member) => member.parts.get("environment")?.get(key)?.absent === false)),
  );
  const names = new Set(
    members.flatMap(({ packages }) => [...(packages?.keys() ?? [])]).filter((name) => !hasOwnRow.has(name.toLowerCase())),
  );
  const alphabetic = sortedBy(sorted(names), (name) => name.toLowerCase());
  const known = (name: string) => base.packages?.has(name) === true;
  const ordered = [...alphabetic.filter(known), ...alphabetic.filter((name) => !known(name))];
  const rows = leftOut.first(ordered, "environment").map((name) => packageRow(name, members, base));
  const worst = (of: Row) => Math.min(...of.cells.map(({ verdict }) => ORDER.indexOf(verdict)));
  return sortedBy(rows, ({ key }) => key.toLowerCase()).sort((a, b) => worst(a) - worst(b));
}

function packageRow(name: string, members: readonly Member[], base: Member): Row {
  const cells = members.map(({ packages }): Cell => {
    if (!packages) return UNKNOWN;
    const found = cell(packages.get(name) ?? null);
    const verdict = base.packages ? changeOf(base.packages.get(name), packages.get(name)) : "";
    return { ...(found.absent ? ABSENT : found), verdict };
  });
  return row("environment", `package:${name}`, name, cells);
}

/** How a version number changed: "major", "minor", "patch", "other", "added", "removed" or "". */
function changeOf(old: string | undefined, now: string | undefined): string {
  if (old === now) return "";
  if (!old) return "added";
  if (!now) return "removed";
  const [before, after] = [numbersOf(old), numbersOf(now)];
  const position = [0, 1, 2].find((i) => before[i] !== after[i]);
  // Below 1.0 the second number is the one that breaks things.
  if (position === 1) return before[0] === 0 ? "major" : "minor";
  return position === undefined ? "other" : position === 0 ? "major" : "patch";
}

/** The first three numbers of a version: "2.21.0rc1" gives 2, 21, 0. */
function numbersOf(version: string): number[] {
  const release = firstCharacters(version.split(PRE_RELEASE, 1)[0] ?? "", 100);
  return [...release.matchAll(/[0-9]{1,9}/g)].slice(0, 3).map(([digits]) => Number(digits));
}
