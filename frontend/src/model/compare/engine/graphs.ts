/**
 * Same graph, same weights, or another architecture; which variables and ops changed. Pure.
 *
 * The rules and their reasons are in `tb_versions/comparison/rows/graphs.py`.
 */
import type { Architecture, CompareGraphDetails } from "../../../api/types";
import { type Cell, MOST_LISTED, plain } from "./cells";
import { changesBetween, type Pair } from "./pairs";
import { count, some, sorted } from "./text";
import { NO_VARIABLE_CHANGES, type VariableChanges, variableChanges } from "./variables";

type Counts = readonly [op: string, before: number, after: number];

interface Changes extends VariableChanges {
  ops: readonly Counts[];
}

interface Finding extends Changes {
  verdict: string;
  basis: CompareGraphDetails["basis"];
  isSame: boolean;
}

/** What saves, restores and passes on: it changes with the optimizer and the exporter, not with the architecture. */
const HOUSEKEEPING: ReadonlySet<string> = new Set(
  (
    "AssignVariableOp Assign Const DisableCopyOnRead Identity IdentityN IsVariableInitialized MergeV2Checkpoints NoOp Pack " +
    "PartitionedCall Placeholder ReadVariableOp RestoreV2 SaveV2 Select ShardedFilename StatefulPartitionedCall " +
    "StaticRegexFullMatch StringJoin VarHandleOp VarIsInitializedOp Variable VariableV2"
  ).split(" "),
);
const NO_CHANGES: Changes = { ...NO_VARIABLE_CHANGES, ops: [] };

export function graphCell(pair: Pair): Cell {
  const { own, theirs } = pair;
  if (own.absent) return own;
  if (!theirs.hasManifest) return { ...own, text: "not compared" };
  const found = findingOf(pair);
  const { verdict, basis } = found;
  const reasons = [...reasonsOf(found), ...doubtsOf(found)];
  if (verdict === "unknown") return plain("can't be compared", own.value, { verdict, reasons });
  const details = {
    basis,
    added: found.added.slice(0, MOST_LISTED),
    removed: found.removed.slice(0, MOST_LISTED),
    reshaped: found.reshaped.slice(0, MOST_LISTED).map(([name, before, after]) => ({ name, before, after })),
    renamed: found.renamed.slice(0, MOST_LISTED).map(([before, after]) => ({ before, after })),
    ops: found.ops.slice(0, MOST_LISTED).map(([op, before, after]) => ({ op, before, after })),
  };
  return plain(verdict, own.value, { verdict, reasons, details });
}

export function opsCell({ own, ours, theirs }: Pair): Cell {
  if (own.absent || !ours.architecture || !theirs.architecture) return own;
  return { ...own, reasons: opChanges(theirs.architecture, ours.architecture).map(arrow).slice(0, MOST_LISTED) };
}

const arrow = ([name, before, after]: readonly [string, string | number, string | number]): string => `${name} ${before} → ${after}`;

function reasonsOf({ added, removed, reshaped, renamed, ops }: Changes): string[] {
  const computing = ops.filter(isComputing);
  return [
    added.length > 0 && `${count(added.length, "variable")} added: ${some(added)}`,
    removed.length > 0 && `${count(removed.length, "variable")} removed: ${some(removed)}`,
    reshaped.length > 0 && `${count(reshaped.length, "variable")} reshaped: ${some(reshaped.map(arrow))}`,
    computing.length > 0 && `ops: ${some(computing.map(arrow))}`,
    renamed.length > 0 && `${count(renamed.length, "layer")} renamed: ${some(renamed.map(([old, now]) => `${old} → ${now}`))}`,
  ].filter((words) => words !== false);
}

const TOLD_BY_WHAT_WAS_PARSED: ReadonlySet<string> = new Set([
  "same architecture",
  "same architecture, other weight files",
  "same weights, same kinds of ops",
]);
const NOT_RECORDED = "told by variables and kinds of ops; how these are connected and their constants are not recorded";
const NOT_ONLY_WEIGHTS = ", and files of weights differ also by names and the optimizer's state";

function doubtsOf({ verdict, isKnown, isSame }: Finding): string[] {
  if (!isKnown) return ["variables have other names, and not all of them are listed, so they can't be told apart"];
  if (isSame || !TOLD_BY_WHAT_WAS_PARSED.has(verdict)) return [];
  return [NOT_RECORDED + (verdict === "same architecture, other weight files" ? NOT_ONLY_WEIGHTS : "")];
}

const isComputing = ([op]: Counts): boolean => !HOUSEKEEPING.has(op);

function findingOf({ ours, theirs }: Pair): Finding {
  const [old, now] = [theirs, ours].map((member) => member.parts.get("files")?.get("digest")?.value);
  if (old && old === now) return { ...NO_CHANGES, verdict: "identical content", basis: "digest", isSame: true };
  const [before, after] = [theirs.architecture, ours.architecture];
  if (!before || !after) return { ...NO_CHANGES, verdict: "unknown", basis: "", isSame: false };
  const ops = opChanges(before, after);
  const found = variableChanges(before, after, !ops.some(isComputing));
  const differs = found.added.length + found.removed.length + found.reshaped.length > 0 || ops.some(isComputing);
  const isAlike = !differs && found.isKnown && before.is_parsed && after.is_parsed;
  const [prints, others] = [theirs.comparing.prints, ours.comparing.prints];
  const isSame = isAlike && prints[0] !== "" && prints[0] === others[0];
  const [weights, basis] = sameWeights(prints, others);
  return {
    ...found,
    ops,
    verdict: verdictOf({ isSame, weights, isAlike, differs }),
    basis: isSame ? basisOfGraph(prints[0]) : weights ? basis : "parsed graph",
    isSame,
  };
}

interface Known {
  isSame: boolean;
  weights: boolean | null;
  isAlike: boolean;
  differs: boolean;
}

function verdictOf({ isSame, weights, isAlike, differs }: Known): string {
  if (isSame && weights !== null) return weights ? "same graph and weights" : "same graph, new weights";
  if (isAlike && weights !== null) return weights ? "same weights, same kinds of ops" : "same architecture, other weight files";
  if (isAlike) return "same architecture";
  if (differs) return weights ? "same weights, other graph" : "different architecture";
  return "unknown";
}

const basisOfGraph = (print: string): Finding["basis"] => (print.startsWith("sha256:") ? "digest" : "fingerprint");

type Prints = readonly [graph: string, checkpoint: string, variables: string];

/** null where nobody can say; and what it rests on. */
function sameWeights([, checkpoint, variables]: Prints, [, other, others]: Prints): [boolean | null, Finding["basis"]] {
  if (checkpoint && checkpoint === other) return [true, "fingerprint"];
  if (variables && others) return [variables === others, "digest"];
  return checkpoint && other ? [false, "fingerprint"] : [null, ""];
}

function opChanges(old: Architecture, now: Architecture): Counts[] {
  const [before, after] = [old.ops, now.ops].map((ops) => new Map(Object.entries(ops))) as [Map<string, number>, Map<string, number>];
  const { added, removed, changed } = changesBetween(before, after);
  return sorted([...added, ...removed, ...changed]).map((op) => [op, before.get(op) ?? 0, after.get(op) ?? 0] as const);
}
