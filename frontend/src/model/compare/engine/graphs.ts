/**
 * Same graph, same weights, or another architecture; which variables and ops changed. Pure.
 *
 * The rules and their reasons are in `tb_versions/comparison/rows/graphs.py`.
 */
import type { Architecture, CompareGraphDetails } from "../../../api/types";
import { type Cell, MOST_LISTED, plain } from "./cells";
import { changesBetween, type Pair } from "./pairs";
import { count, some, sorted } from "./text";

type Counts = readonly [op: string, before: number, after: number];
type Reshaped = readonly [name: string, before: string, after: string];

interface Changes {
  added: readonly string[];
  removed: readonly string[];
  reshaped: readonly Reshaped[];
  ops: readonly Counts[];
}

interface Finding extends Changes {
  verdict: string;
  basis: CompareGraphDetails["basis"];
}

/** What saves, restores and passes on: it changes with the optimizer and the exporter, not with the architecture. */
const HOUSEKEEPING: ReadonlySet<string> = new Set(
  (
    "AssignVariableOp Assign Const DisableCopyOnRead Identity IdentityN IsVariableInitialized MergeV2Checkpoints NoOp Pack " +
    "PartitionedCall Placeholder ReadVariableOp RestoreV2 SaveV2 Select ShardedFilename StatefulPartitionedCall " +
    "StaticRegexFullMatch StringJoin VarHandleOp VarIsInitializedOp Variable VariableV2"
  ).split(" "),
);
const NO_CHANGES: Changes = { added: [], removed: [], reshaped: [], ops: [] };

export function graphCell(pair: Pair): Cell {
  const { own, theirs } = pair;
  if (own.absent) return own;
  if (!theirs.hasManifest) return { ...own, text: "not compared" };
  const { verdict, basis, added, removed, reshaped, ops } = findingOf(pair);
  if (verdict === "unknown") return plain("can't be compared", own.value, { verdict });
  const details = {
    basis,
    added: added.slice(0, MOST_LISTED),
    removed: removed.slice(0, MOST_LISTED),
    reshaped: reshaped.slice(0, MOST_LISTED).map(([name, before, after]) => ({ name, before, after })),
    ops: ops.slice(0, MOST_LISTED).map(([op, before, after]) => ({ op, before, after })),
  };
  return plain(verdict, own.value, { verdict, reasons: reasonsOf({ added, removed, reshaped, ops }), details });
}

export function opsCell({ own, ours, theirs }: Pair): Cell {
  if (own.absent || !ours.architecture || !theirs.architecture) return own;
  return { ...own, reasons: opChanges(theirs.architecture, ours.architecture).map(arrow).slice(0, MOST_LISTED) };
}

const arrow = ([name, before, after]: Counts | Reshaped): string => `${name} ${before} → ${after}`;

function reasonsOf({ added, removed, reshaped, ops }: Changes): string[] {
  const computing = ops.filter(([op]) => !HOUSEKEEPING.has(op));
  return [
    added.length > 0 && `${count(added.length, "variable")} added: ${some(added)}`,
    removed.length > 0 && `${count(removed.length, "variable")} removed: ${some(removed)}`,
    reshaped.length > 0 && `${count(reshaped.length, "variable")} reshaped: ${some(reshaped.map(arrow))}`,
    computing.length > 0 && `ops: ${some(computing.map(arrow))}`,
  ].filter((words) => words !== false);
}

function findingOf({ ours, theirs }: Pair): Finding {
  const [old, now] = [theirs, ours].map((member) => member.parts.get("files")?.get("digest")?.value);
  if (old && old === now) return { ...NO_CHANGES, verdict: "identical content", basis: "digest" };
  const [before, after] = [theirs.architecture, ours.architecture];
  if (!before || !after) return { ...NO_CHANGES, verdict: "unknown", basis: "" };
  const changes = { ...variableChanges(before, after), ops: opChanges(before, after) };
  const differs = reasonsOf(changes).length > 0;
  const isAlike = !differs && before.is_parsed && after.is_parsed;
  const [prints, others] = [theirs.comparing.prints, ours.comparing.prints];
  // Equal hashes of graphs whose variables differ: only the functions agree.
  const isSame = isAlike && prints[0] !== "" && prints[0] === others[0];
  const [weights, basis] = sameWeights(prints, others);
  const verdict = verdictOf(isSame, weights, isAlike);
  return {
    ...changes,
    verdict: verdict === "unknown" && differs ? "different architecture" : verdict,
    basis: isSame ? "fingerprint" : weights ? basis : "parsed graph",
  };
}

function verdictOf(isSame: boolean, weights: boolean | null, isAlike: boolean): string {
  if (weights) return isAlike ? "same graph and weights" : "same weights, other graph";
  if (weights === null) return isAlike ? "same architecture" : "unknown";
  if (isSame) return "same graph, new weights";
  return isAlike ? "same architecture, new weights" : "different architecture";
}

type Prints = readonly [graph: string, checkpoint: string, variables: string];

/** null where nobody can say; and what it rests on. */
function sameWeights([, checkpoint, variables]: Prints, [, other, others]: Prints): [boolean | null, Finding["basis"]] {
  if (checkpoint && checkpoint === other) return [true, "fingerprint"];
  if (variables && others) return [variables === others, "digest"];
  return checkpoint && other ? [false, "fingerprint"] : [null, ""];
}

/** By the names that do not depend on when a model was built, where its own names differ. */
function variableChanges(old: Architecture, now: Architecture): Omit<Changes, "ops"> {
  const named = [old.variables, now.variables] as const;
  const isNamedAlike = sorted(Object.keys(named[0])).join("\n") === sorted(Object.keys(named[1])).join("\n");
  const chosen = isNamedAlike || !old.renamed || !now.renamed ? named : ([old.renamed, now.renamed] as const);
  const [before, after] = chosen.map((variables) => new Map(Object.entries(variables))) as [Map<string, string>, Map<string, string>];
  const { added, removed, changed } = changesBetween(before, after);
  return { added, removed, reshaped: changed.map((name) => [name, before.get(name) ?? "", after.get(name) ?? ""] as const) };
}

function opChanges(old: Architecture, now: Architecture): Counts[] {
  const [before, after] = [old.ops, now.ops].map((ops) => new Map(Object.entries(ops))) as [Map<string, number>, Map<string, number>];
  const { added, removed, changed } = changesBetween(before, after);
  return sorted([...added, ...removed, ...changed]).map((op) => [op, before.get(op) ?? 0, after.get(op) ?? 0] as const);
}
