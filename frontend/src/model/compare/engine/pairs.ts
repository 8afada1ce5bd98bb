/** Cells against the baseline's where equality, a lookup or a subtraction decides. Pure. */
import type { SharedFacts } from "../../../api/types";
import { percent } from "../numbers";
import { type Cell, cell, MOST_LISTED, UNKNOWN } from "./cells";
import type { Member } from "./members";
import { count, sorted, visible } from "./text";

/** A member's cell beside the baseline's in the same row. */
export interface Pair {
  key: string;
  own: Cell;
  base: Cell;
  ours: Member;
  theirs: Member;
  shared: SharedFacts;
}

/** What two lists by name have alone, and in common with another value; sorted. */
export function changesBetween<T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>) {
  return {
    added: sorted([...after.keys()].filter((name) => !before.has(name))),
    removed: sorted([...before.keys()].filter((name) => !after.has(name))),
    changed: sorted([...after.keys()].filter((name) => before.has(name) && before.get(name) !== after.get(name))),
  };
}

const WEIGHTS = ["breaking", "caution", "note"];

/** What Python found that changes for clients. */
export function signatureCell({ key, own, base, ours, theirs, shared }: Pair): Cell {
  const [old, now] = [theirs.comparing.parts.signature, ours.comparing.parts.signature];
  if (typeof old !== "number" || typeof now !== "number") return own;
  const found = old === now ? {} : shared.changes[old]?.[now];
  if (!found) return { ...own, verdict: "unknown", reasons: ["These two signatures are not compared in this file."] };
  const changes = (found[key] ?? []).map(([weight, text]) => ({ weight, text }));
  const reasons = [...changes].sort((a, b) => WEIGHTS.indexOf(a.weight) - WEIGHTS.indexOf(b.weight)).map(({ text }) => text);
  const worst = changes.some(({ weight }) => weight === "breaking") ? "breaking" : changes.length > 0 ? "compatible" : "identical";
  return { ...own, verdict: own.absent && base.absent ? "" : worst, reasons, details: { changes } };
}

export function commitCell({ own, base, ours, theirs }: Pair): Cell {
  if (own.absent || base.absent) return own;
  const isSame = own.value === base.value;
  const isOneRepository = repositoryOf(ours, own) !== "" && repositoryOf(ours, own) === repositoryOf(theirs, base);
  const compare = !isSame && isOneRepository ? ours.comparing.range?.replace("{old}", String(base.value)) : null;
  return { ...own, verdict: isSame ? "same commit" : "other commit", details: { ...own.details, compare: compare ?? null } };
}

/** The address of a range without the commits: equal for one repository only. */
const repositoryOf = ({ comparing }: Member, { value }: Cell): string => comparing.range?.replace(String(value), "") ?? "";

export function digestCell({ own, base }: Pair): Cell {
  if (own.absent || base.absent) return own;
  return { ...own, verdict: own.value === base.value ? "identical content" : "other content" };
}

export function sizeCell({ own, base }: Pair): Cell {
  const difference = Number(own.value) - Number(base.value);
  if (own.absent || base.absent || difference === 0) return own;
  const words = `${percent(difference / Number(base.value))} ${difference > 0 ? "larger" : "smaller"}`;
  return { ...own, reasons: [words], details: { difference } };
}

export function filesCell({ own, base, ours, theirs }: Pair): Cell {
  if (own.absent || base.absent) return own;
  const changes = changesBetween(theirs.files, ours.files);
  const words = Object.entries(changes).flatMap(([how, paths]) => (paths.length > 0 ? [`${paths.length} ${how}`] : []));
  const listed = Object.entries(changes).map(([how, paths]) => [how, paths.slice(0, MOST_LISTED).map(visible)]);
  return { ...own, text: `${count(ours.files.size, "file")}: ${words.join(", ") || "the same"}`, details: Object.fromEntries(listed) };
}

/** How a member came from the baseline: parent, child, or another export of one training. */
export function relationCell({ ours, theirs }: Pair): Cell {
  const name = theirs.facts.label;
  const [down, up] = [madeFrom(ours, theirs), madeFrom(theirs, ours)];
  if (down) return cell(`${down} ${name}`);
  if (up) return cell(`${name} was ${up} it`);
  const run = theirs.facts.runs[0]?.name;
  if (run !== undefined && run === ours.facts.runs[0]?.name) return cell(`same training as ${name}`);
  const { recipe } = theirs.comparing;
  return recipe && recipe === ours.comparing.recipe ? cell(`${name} with another seed`) : UNKNOWN;
}

function madeFrom({ comparing }: Member, { facts, hasManifest }: Member): string {
  const found = comparing.parents.find(([model, number]) => model === facts.model && number === facts.number);
  return hasManifest && found ? found[2] : "";
}
