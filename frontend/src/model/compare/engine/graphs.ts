/**
 * Same graph, same weights, or another architecture; which variables and ops changed. Pure.
 *
 * The rules and their reasons are in `tb_versions/comparison/graphs.py`.
 */
import type { CompareGraphDetails } from "../../../api/types";
import type { ReadManifest, SavedModel } from "./manifest";
import type { Member } from "./members";
import { type Cell, cellOf, MOST_LISTED, plain, type Row, row, UNKNOWN } from "./rows";
import { shapeText } from "./signatures";
import { count, grouped, some, sorted, sortedBy, before as upTo, type Value, visible } from "./text";

type Reshaped = readonly [string, string, string];
type OpChanges = ReadonlyMap<string, readonly [number, number]>;

interface Finding {
  verdict: string;
  basis: CompareGraphDetails["basis"];
  added: readonly string[];
  removed: readonly string[];
  reshaped: readonly Reshaped[];
  ops: OpChanges;
}

/** What saves, restores and passes on: it changes with the optimizer and the exporter, not with the architecture. */
const HOUSEKEEPING: ReadonlySet<string> = new Set(
  (
    "AssignVariableOp Assign Const DisableCopyOnRead Identity IdentityN IsVariableInitialized MergeV2Checkpoints NoOp Pack " +
    "PartitionedCall Placeholder ReadVariableOp RestoreV2 SaveV2 Select ShardedFilename StatefulPartitionedCall " +
    "StaticRegexFullMatch StringJoin VarHandleOp VarIsInitializedOp Variable VariableV2"
  ).split(" "),
);
const COUNTER = /_\p{Nd}+(?=\/|$)/gu;
const NO_CHANGES = { added: [], removed: [], reshaped: [], ops: new Map() };

export function* graphRows(members: readonly Member[], baseline: number): Generator<Row> {
  const manifests = members.map(({ manifest }) => manifest);
  const models = manifests.map((manifest) => manifest?.savedModel ?? null);
  const parsed = models.map((model) => (model && isParsed(model) ? model : null));
  const counted = (read: (model: SavedModel) => Value) => parsed.map((model) => cellOf(model, read));
  const graphs = manifests.map((manifest, i) => graphCell(manifest, i === baseline, manifests[baseline] ?? null));
  yield row("graph", "graph", "graph and weights", graphs);
  yield row(
    "graph",
    "parameters",
    "parameters",
    counted((model) => model.parameterCount),
  );
  yield row(
    "graph",
    "variables",
    "variables",
    counted((model) => BigInt(model.variables.length) + model.variablesOmitted),
  );
  yield row("graph", "layers", "layers with variables", counted(layers));
  const ops = parsed.map((model, i) => opsCell(model, i === baseline ? null : (models[baseline] ?? null)));
  yield row("graph", "ops", "ops", ops);
}

function layers({ variables, variablesOmitted }: SavedModel): bigint | null {
  if (variablesOmitted) return null;
  return BigInt(new Set(variables.map(({ name }) => name.slice(0, Math.max(0, name.lastIndexOf("/"))))).size);
}

const isParsed = (model: SavedModel): boolean => model.variables.length > 0 || model.metaGraphs.length > 0;

function graphCell(manifest: ReadManifest | null, isBaseline: boolean, base: ReadManifest | null): Cell {
  if (manifest === null || (manifest.savedModel === null && !manifest.digest)) return UNKNOWN;
  const value = manifest.digest || identity(manifest.savedModel);
  if (isBaseline || base === null) return plain(isBaseline ? "baseline" : "not compared", value);
  const { verdict, basis, added, removed, reshaped, ops } = compareGraphs(base, manifest);
  if (verdict === "unknown") return plain("can't be compared", value, { verdict });
  const details = {
    basis,
    added: added.slice(0, MOST_LISTED),
    removed: removed.slice(0, MOST_LISTED),
    reshaped: reshaped.slice(0, MOST_LISTED).map(([name, before, after]) => ({ name, before, after })),
    ops: [...ops].slice(0, MOST_LISTED).map(([op, [before, after]]) => ({ op, before, after })),
  };
  return plain(verdict, value, { verdict, reasons: reasonsOf({ verdict, basis, added, removed, reshaped, ops }), details });
}

/** Equal for equal models only. */
const identity = (model: SavedModel | null): string =>
  JSON.stringify(model, (_, value) => (typeof value === "bigint" ? `${value}n` : value instanceof Map ? [...value] : value));

function reasonsOf({ added, removed, reshaped, ops }: Finding): string[] {
  const found: string[] = [];
  if (added.length > 0) found.push(`${count(added.length, "variable")} added: ${some(added)}`);
  if (removed.length > 0) found.push(`${count(removed.length, "variable")} removed: ${some(removed)}`);
  const changes = reshaped.map(([name, old, now]) => `${name} ${old} → ${now}`);
  if (changes.length > 0) found.push(`${count(changes.length, "variable")} reshaped: ${some(changes)}`);
  const counts = [...ops].filter(([op]) => !HOUSEKEEPING.has(op)).map(([op, [old, now]]) => `${op} ${old} → ${now}`);
  if (counts.length > 0) found.push(`ops: ${some(counts)}`);
  return found;
}

function compareGraphs(old: ReadManifest, now: ReadManifest): Finding {
  if (old.digest && old.digest === now.digest) return { ...NO_CHANGES, verdict: "identical content", basis: "digest" };
  const [before, after] = [old.savedModel, now.savedModel];
  if (before === null || after === null) return { ...NO_CHANGES, verdict: "unknown", basis: "" };
  const [added, removed, reshaped] = variableChanges(before, after);
  const ops = opChanges(before, after);
  const differs = added.length + removed.length + reshaped.length > 0 || [...ops.keys()].some((op) => !HOUSEKEEPING.has(op));
  const isAlike = !differs && isParsed(before) && isParsed(after);
  const [weights, by] = sameWeights(old, now);
  // Equal program hashes of graphs whose variables differ: only the functions agree.
  const graph = isAlike && isSame(before.programHash, after.programHash);
  const verdict = verdictOf(graph, weights, isAlike);
  return {
    verdict: verdict === "unknown" && differs ? "different architecture" : verdict,
    basis: graph ? "fingerprint" : weights ? by : "parsed graph",
    added,
    removed,
    reshaped,
    ops,
  };
}

function verdictOf(graph: boolean, weights: boolean | null, isAlike: boolean): string {
  if (weights) return isAlike ? "same graph and weights" : "same weights, other graph";
  if (weights === null) return isAlike ? "same architecture" : "unknown";
  if (graph) return "same graph, new weights";
  return isAlike ? "same architecture, new weights" : "different architecture";
}

const isSaid = (hash: string): boolean => hash !== "" && hash !== "0";
const isSame = (old: string, now: string): boolean => isSaid(old) && old === now;

/** null where nobody can say; and what that rests on. */
function sameWeights(old: ReadManifest, now: ReadManifest): [boolean | null, Finding["basis"]] {
  const [before, after] = [old.savedModel?.checkpointHash ?? "", now.savedModel?.checkpointHash ?? ""];
  if (isSame(before, after)) return [true, "fingerprint"];
  const [these, those] = [old, now].map(({ files }) => new Map([...files].filter(([path]) => path.startsWith("variables/")))) as [
    Map<string, string>,
    Map<string, string>,
  ];
  if (these.size === 0 || those.size === 0) return isSaid(before) && isSaid(after) ? [false, "fingerprint"] : [null, ""];
  return [these.size === those.size && [...these].every(([path, digest]) => those.get(path) === digest), "digest"];
}

/**
 * Added, removed and reshaped variables.
 *
 * Where names differ they are compared without the counters that Keras appends, and without the folder that all names of a model share.
 */
function variableChanges(old: SavedModel, now: SavedModel): [string[], string[], Reshaped[]] {
  let [before, after] = [namedOf(old), namedOf(now)];
  if (before.size !== after.size || [...before.keys()].some((name) => !after.has(name))) {
    const [one, two] = [plainNames(before), plainNames(after)];
    if (one && two) [before, after] = [one, two];
  }
  const only = (these: ReadonlyMap<string, string>, those: ReadonlyMap<string, string>) =>
    sorted([...these.keys()].filter((name) => !those.has(name)));
  const reshaped = sorted(before.keys()).flatMap((name): Reshaped[] => {
    const [had, has] = [before.get(name), after.get(name)];
    return had !== undefined && has !== undefined && had !== has ? [[name, had, has]] : [];
  });
  return [only(after, before), only(before, after), reshaped];
}

/** Names without counters and shared folder; null where that would make two of them one. */
function plainNames(names: ReadonlyMap<string, string>): ReadonlyMap<string, string> | null {
  const folders = new Set([...names.keys()].map((name) => (name.split("/").length > 2 ? upTo(name, "/") : "")));
  const [shared = ""] = folders.size === 1 ? folders : [];
  const start = shared ? shared.length + 1 : 0;
  const found = new Map([...names].map(([name, text]) => [name.slice(start).replace(COUNTER, ""), text]));
  return found.size === names.size ? found : null;
}

const namedOf = (model: SavedModel): ReadonlyMap<string, string> =>
  new Map(model.variables.map(({ name, dtype, shape }) => [visible(name), `${visible(dtype)}${shapeText(shape)}`]));

function opsOf(model: SavedModel): Map<string, number> {
  const counted = new Map<string, number>();
  for (const { ops } of model.metaGraphs)
    for (const [op, number] of new Map([...ops].map(([name, each]) => [visible(name), each])))
      counted.set(op, (counted.get(op) ?? 0) + number);
  return counted;
}

function opChanges(old: SavedModel, now: SavedModel): OpChanges {
  const [before, after] = [opsOf(old), opsOf(now)];
  const pairs = sorted(new Set([...before.keys(), ...after.keys()])).map((op) => [op, [before.get(op) ?? 0, after.get(op) ?? 0]] as const);
  return new Map(pairs.filter(([, [had, has]]) => had !== has));
}

function opsCell(model: SavedModel | null, base: SavedModel | null): Cell {
  if (model === null) return UNKNOWN;
  const ops = sortedBy(opsOf(model), ([op]) => op);
  const total = ops.reduce((sum, [, number]) => sum + number, 0);
  const changes = base ? [...opChanges(base, model)].map(([op, [old, now]]) => `${op} ${old} → ${now}`) : [];
  const value = ops.map(([op, number]) => `${op} ${number}`).join("\n");
  return plain(`${grouped(total)} of ${count(ops.length, "kind")}`, value, { reasons: changes.slice(0, MOST_LISTED) });
}
