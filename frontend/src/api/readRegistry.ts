/** The registry's part of an answer or of an export, with its types checked: an export may come from a stranger. */
import type {
  Alias,
  By,
  GateSaid,
  GateVerdict,
  MeasuredHead,
  ModelSaid,
  ProblemKind,
  Registry,
  VersionNumber,
  VersionSaid,
} from "./registry";
import type { WireNumber } from "./types";

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const fields = (value: unknown): Fields => (isFields(value) ? value : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
const count = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);
const countOrNull = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
const isNumber = (value: unknown): value is VersionNumber => typeof value === "number" || typeof value === "string";
const by = (value: unknown): By => {
  const { actor, time, reason } = fields(value);
  return { actor: text(actor), time: count(time), reason: text(reason) };
};

/** Without a prototype: a model or a label may be called __proto__. */
function record<T>(value: unknown, of: (each: unknown) => T): Record<string, T> {
  const made = Object.create(null) as Record<string, T>;
  for (const [key, each] of Object.entries(fields(value))) made[key] = of(each);
  return made;
}

const VERDICTS: readonly unknown[] = ["passed", "failed", "stale"] satisfies GateVerdict[];

/** A verdict that is not known counts as stale: it is no pass. */
function gateOf(value: unknown): GateSaid[] {
  const gate = fields(value);
  if (typeof gate.gate !== "string") return [];
  const until = countOrNull(gate.until);
  const isOld = until !== null && Date.now() > until;
  const verdict = !isOld && VERDICTS.includes(gate.verdict) ? (gate.verdict as GateVerdict) : "stale";
  const texts = (of: unknown): string[] => list(of).filter((each) => typeof each === "string");
  return [
    {
      ...{ gate: gate.gate, on: textOrNull(gate.on) || null, passed: gate.passed === true },
      ...{ verdict, until, count: count(gate.count), failed: count(gate.failed), promoted: texts(gate.promoted) },
      changed: isOld ? [...new Set([...texts(gate.changed), "age"])] : texts(gate.changed),
      ...{ event: count(gate.event), actor: text(gate.actor), time: count(gate.time) },
    },
  ];
}

function saidOf(value: unknown): VersionSaid {
  const said = fields(value);
  const verified = isFields(said.verified) ? said.verified : null;
  const replayed = isFields(said.replayed) ? said.replayed : null;
  return {
    approvals: list(said.approvals).map(by),
    approvals_of_another_manifest: list(said.approvals_of_another_manifest).map(by),
    deprecated: isFields(said.deprecated) ? by(said.deprecated) : null,
    removed: isFields(said.removed) ? { ...by(said.removed), by: text(said.removed.by) } : null,
    labels: record(said.labels, textOrNull),
    description: textOrNull(said.description),
    semantic_version: textOrNull(said.semantic_version) || null,
    verified: verified && { ...by(verified), ok: verified.ok === true, how: text(verified.how), now: textOrNull(verified.now) },
    signed: textOrNull(said.signed),
    gates: list(said.gates).flatMap(gateOf),
    replayed: replayed && {
      ...by(replayed),
      ok: replayed.ok === true,
      words: text(replayed.words),
      manifest: textOrNull(replayed.manifest),
    },
    notes: count(said.notes),
    events: count(said.events),
  };
}

function aliasOf(value: unknown): Alias[] {
  const alias = fields(value);
  if (typeof alias.name !== "string" || !isNumber(alias.number)) return [];
  const previous = list(alias.previous).filter(isNumber);
  const another_manifest = alias.another_manifest === true;
  return [{ ...by(alias), name: alias.name, number: alias.number, event: count(alias.event), previous, another_manifest }];
}

const KINDS: readonly unknown[] = ["damaged", "newer", "rewritten"] satisfies ProblemKind[];

function modelOf(value: unknown): ModelSaid {
  const model = fields(value);
  const policy = isFields(model.policy) ? model.policy : null;
  return {
    folder: text(model.folder),
    head: count(model.head),
    time: countOrNull(model.time),
    problem: textOrNull(model.problem) || null,
    kind: KINDS.includes(model.kind) ? (model.kind as ProblemKind) : null,
    skewed: count(model.skewed),
    policy: policy && { digest: text(policy.digest), protected: list(policy.protected).filter((each) => typeof each === "string") },
    aliases: list(model.aliases).flatMap(aliasOf),
    versions: record(model.versions, saidOf),
    ids: record(model.ids, textOrNull),
    others: list(model.others)
      .filter(isFields)
      .map((other) => modelOf({ ...other, others: [] })),
  };
}

function headOf(value: unknown): MeasuredHead {
  const { key, name, goal, dataset, slice, source } = fields(value);
  const known = goal === "max" || goal === "min" ? goal : "unknown";
  return { key: text(key) || text(name), name: text(name), goal: known, dataset: text(dataset), slice: text(slice), source: text(source) };
}

const NO_NUMBERS: readonly unknown[] = ["NaN", "Infinity", "-Infinity"];

type Cell = [value: WireNumber, time: number] | null;

/** Travels as [position, value, time] of those that there are. */
function cellsOf(value: unknown, positions: number): Cell[] {
  const cells = new Array<Cell>(positions).fill(null);
  for (const each of list(value)) {
    const [position, number, time] = list(each);
    const isValue = typeof number === "number" || NO_NUMBERS.includes(number);
    if (isValue && typeof position === "number" && position in cells) cells[position] = [number as WireNumber, count(time)];
  }
  return cells;
}

/** null: the answer has no registry, as those of earlier releases. */
export function readRegistry(value: unknown): Registry | null {
  if (!isFields(value)) return null;
  const measured = list(value.measured).map(headOf);
  return {
    at: countOrNull(value.at),
    models: record(value.models, modelOf),
    measured,
    measured_values: record(value.measured_values, (cells) => cellsOf(cells, measured.length)),
  };
}
