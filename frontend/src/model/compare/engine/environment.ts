/** Software side by side: packages added, removed, changed, major changes first. Pure. */
import type { Environment } from "./manifest";
import type { Member } from "./members";
import { ABSENT, type Cell, cell, type LeftOut, type Row, row, UNKNOWN } from "./rows";
import { count, firstCharacters, sorted, sortedBy } from "./text";

const FIELDS = [
  ["python", "Python"],
  ["tensorflow", "TensorFlow"],
  ["keras", "Keras"],
  ["numpy", "NumPy"],
  ["cuda", "CUDA"],
  ["cudnn", "cuDNN"],
  ["os", "operating system"],
] as const;
const ORDER = ["major", "removed", "added", "minor", "patch", "other", ""];
const PRE_RELEASE = /a|b|rc|\.dev|\.post|\+/;

type Packages = ReadonlyMap<string, string>;

export function* environmentRows(members: readonly Member[], baseline: number, leftOut: LeftOut): Generator<Row> {
  const found = members.map(({ manifest }) => manifest?.environment ?? null);
  const base = found[baseline] ?? null;
  for (const [name, label] of FIELDS) {
    const cells = found.map((each) => versionCell(each?.[name], base?.[name]));
    yield row("environment", name, label, cells);
  }
  const tables = found.map((each) => (each && each.packages.size > 0 ? each.packages : null));
  const baseTable = tables[baseline] ?? null;
  const cells = tables.map((table, i) => packagesCell(table, i === baseline ? null : baseTable));
  yield row("environment", "packages", "packages", cells);
  yield* packageRows(tables, baseTable, { hidden: namesShown(found), leftOut });
}

const namesShown = (found: readonly (Environment | null)[]): ReadonlySet<string> =>
  new Set(FIELDS.map(([name]) => name).filter((name) => found.some((each) => each?.[name])));

function packageRows(
  tables: readonly (Packages | null)[],
  base: Packages | null,
  { hidden, leftOut }: { hidden: ReadonlySet<string>; leftOut: LeftOut },
): Row[] {
  const names = new Set(tables.flatMap((table) => [...(table?.keys() ?? [])]).filter((name) => !hidden.has(name.toLowerCase())));
  const alphabetic = sortedBy(sorted(names), (name) => name.toLowerCase());
  const ordered = [...alphabetic.filter((name) => base?.has(name)), ...alphabetic.filter((name) => !base?.has(name))];
  const rows = leftOut.first(ordered, "environment").map((name) => packageRow(name, tables, base));
  const worst = (of: Row) => Math.min(...of.cells.map(({ verdict }) => ORDER.indexOf(verdict)));
  return sortedBy(rows, ({ key }) => key.toLowerCase()).sort((a, b) => worst(a) - worst(b));
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

function versionCell(version: string | undefined, base: string | undefined): Cell {
  return version === undefined ? UNKNOWN : cell(version, null, { verdict: base ? changeOf(base, version) : "" });
}

function packagesCell(packages: Packages | null, base: Packages | null): Cell {
  if (!packages) return UNKNOWN;
  const value = sorted(packages.keys())
    .map((name) => `${name}==${packages.get(name)}`)
    .join("\n");
  const all = count(packages.size, "package");
  if (!base) return cell(value, all);
  const changes = [...new Set([...base.keys(), ...packages.keys()])]
    .map((name) => changeOf(base.get(name), packages.get(name)))
    .filter(Boolean);
  const number = (kind: string) => changes.filter((change) => change === kind).length;
  const [added, removed, major] = [number("added"), number("removed"), number("major")];
  const changed = changes.length - added - removed;
  const words = [
    [added, "added"],
    [removed, "removed"],
    [changed, major > 0 ? `changed (${major} major)` : "changed"],
  ] as const;
  const told = words.filter(([amount]) => amount > 0).map(([amount, word]) => `${amount} ${word}`);
  return cell(value, told.join(", ") || "the same", { reasons: [`${all} in all`] });
}

function packageRow(name: string, tables: readonly (Packages | null)[], base: Packages | null): Row {
  const cells = tables.map((table) => {
    if (!table) return UNKNOWN;
    const verdict = base ? changeOf(base.get(name), table.get(name)) : "";
    const found = cell(table.get(name), null, { verdict });
    return found.absent ? { ...ABSENT, verdict } : found;
  });
  return row("environment", `package:${name}`, name, cells);
}
