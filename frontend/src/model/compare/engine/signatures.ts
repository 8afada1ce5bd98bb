/**
 * Do clients of TensorFlow Serving that work with one version work with another? Pure.
 *
 * The rules and their reasons are in `tb_versions/comparison/signatures.py`.
 */
import type { SavedModel, Shape, Signature, Tensor } from "./manifest";
import type { Member } from "./members";
import { ABSENT, type Cell, type LeftOut, plain, type Row, row, UNKNOWN } from "./rows";
import { count, sorted, sortedBy, visible } from "./text";

type Weight = "breaking" | "caution" | "note";

interface Change {
  weight: Weight;
  text: string;
}

type Table = ReadonlyMap<string, Signature>;

const WORST_FIRST: readonly Weight[] = ["breaking", "caution", "note"];
const INTERNAL: readonly string[] = ["__saved_model_init_op", "__saved_model_train_op"];

const change = (weight: Weight, text: string): Change => ({ weight, text });

export function* signatureRows(members: readonly Member[], baseline: number, leftOut: LeftOut): Generator<Row> {
  const models = members.map(({ manifest }) => manifest?.savedModel ?? null);
  const base = models[baseline] ?? null;
  const overall = models.map((model, i) => overallCell(model, i === baseline ? null : base));
  yield row("signature", "", "all signatures", overall);
  const tables = models.map((model) => model && signaturesOf(model));
  const baseTable = tables[baseline] ?? null;
  for (const key of leftOut.first(sorted(new Set(tables.flatMap((table) => [...(table?.keys() ?? [])]))), "signature"))
    yield row(
      "signature",
      key,
      key,
      tables.map((table, i) => cellFor(table, i === baseline ? null : baseTable, key)),
    );
}

function verdictOf(changes: readonly Change[]): string {
  if (changes.length === 0) return "identical";
  return changes.some(({ weight }) => weight === "breaking") ? "breaking" : "compatible";
}

/** Verdict, sentences with the worst first, and all changes. */
function judged(changes: readonly Change[]): Pick<Cell, "verdict" | "reasons" | "details"> {
  const reasons = WORST_FIRST.flatMap((weight) => changes.filter((each) => each.weight === weight).map((each) => each.text));
  return { verdict: verdictOf(changes), reasons, details: { changes } };
}

function overallCell(model: SavedModel | null, base: SavedModel | null): Cell {
  if (model === null) return UNKNOWN;
  const found = sortedBy(signaturesOf(model).values(), ({ key }) => key);
  const value = found.map((signature) => `${signature.key}: ${identity(signature)}`).join("\n");
  const text = visible(found.map(({ key }) => key).join(", ")) || "no signatures";
  if (base === null) return plain(text, value);
  const changes = modelChanges(base, model);
  return plain(text, value, judged(changes));
}

function cellFor(table: Table | null, base: Table | null, key: string): Cell {
  if (table === null) return UNKNOWN;
  const found = table.get(key);
  if (base === null) return found ? plain(inWords(found), identity(found)) : ABSENT;
  const told = judged(signatureChanges(base.get(key), found));
  if (found) return plain(inWords(found), identity(found), told);
  return { ...ABSENT, ...told, verdict: base.has(key) ? told.verdict : "" };
}

const identity = (signature: Signature): string => visible(`${signature.method}: ${inWords(signature)}`);

/** A signature on one line: `image float32[?,8] → probs float32[?,10]`. */
function inWords({ inputs, outputs }: Signature): string {
  const side = (tensors: Tensor[]) =>
    sortedBy(tensors, ({ name }) => name)
      .map(tensorText)
      .join(", ") || "nothing";
  return `${side(inputs)} → ${side(outputs)}`;
}

/** What TF Serving offers: the signatures of the graph tagged "serve". */
function signaturesOf(model: SavedModel): Table {
  const offered = servedOf(model)?.signatures.filter(({ key }) => !INTERNAL.includes(key)) ?? [];
  return new Map(offered.map((signature) => [signature.key, signature]));
}

const isServed = (graph: { tags: string[] } | undefined): boolean => graph?.tags.includes("serve") ?? false;
const servedOf = (model: SavedModel) => model.metaGraphs.find(isServed) ?? model.metaGraphs[0];

function modelChanges(old: SavedModel, now: SavedModel): Change[] {
  const [before, after] = [signaturesOf(old), signaturesOf(now)];
  const changes: Change[] = [];
  if (isServed(servedOf(old)) && !isServed(servedOf(now)))
    changes.push(change("breaking", 'no graph is tagged "serve" any more; TF Serving loads only that one'));
  for (const key of sorted(new Set([...before.keys(), ...after.keys()])))
    for (const { weight, text } of signatureChanges(before.get(key), after.get(key)))
      changes.push(change(weight, `${visible(key)}: ${text}`));
  return changes;
}

function signatureChanges(old: Signature | undefined, now: Signature | undefined): Change[] {
  if (!now) {
    const how = old?.key === "serving_default" ? "; clients that name no signature use it" : "";
    return old ? [change("breaking", `the signature is gone${how}`)] : [];
  }
  if (!old) return [change("note", "the signature is new")];
  return [...methodChanges(old, now), ...inputChanges(old, now), ...outputChanges(old, now)];
}

function* methodChanges({ method: old }: Signature, { method: now }: Signature): Generator<Change> {
  if (old === now) return;
  if (!old || !now) yield change("caution", `the method is ${methodName(now)}, before ${methodName(old)}`);
  else yield change("breaking", `the method is ${methodName(now)} instead of ${methodName(old)}`);
}

function* inputChanges(old: Signature, now: Signature): Generator<Change> {
  const [gone, added, both] = matched(old.inputs, now.inputs);
  for (const [name] of gone) yield change("breaking", `input ${name} is gone; TF Serving refuses requests that send it`);
  for (const [name] of added) yield change("breaking", `input ${name} is new; TF Serving refuses requests without it`);
  for (const [name, before, after] of both) {
    yield* typeChanges(`input ${name}`, before, after);
    yield* inputShapeChanges(`input ${name}`, before.shape, after.shape);
  }
}

function* outputChanges(old: Signature, now: Signature): Generator<Change> {
  const [gone, added, both] = matched(old.outputs, now.outputs);
  for (const [name] of gone) yield change("breaking", `output ${name} is gone`);
  for (const [, tensor] of added) yield change("note", `adds output ${tensorText(tensor)}`);
  if (gone.length + both.length === 1 && added.length > 0 && gone.length === 0)
    yield change("caution", "REST clients got bare values of the one output; of several they get objects by name");
  for (const [name, before, after] of both) {
    yield* typeChanges(`output ${name}`, before, after);
    yield* outputShapeChanges(`output ${name}`, before.shape, after.shape);
  }
}

/** Tensors that are gone, new, and on both sides, by name. */
function matched(old: Tensor[], now: Tensor[]): [[string, Tensor][], [string, Tensor][], [string, Tensor, Tensor][]] {
  const [before, after] = [old, now].map((side) => new Map(side.map((tensor) => [tensor.name, tensor]))) as [
    Map<string, Tensor>,
    Map<string, Tensor>,
  ];
  const only = (these: Map<string, Tensor>, those: Map<string, Tensor>) =>
    sorted(these.keys()).flatMap((name): [string, Tensor][] => (those.has(name) ? [] : [[visible(name), these.get(name) as Tensor]]));
  const both = sorted(before.keys()).flatMap((name): [string, Tensor, Tensor][] => {
    const [one, two] = [before.get(name), after.get(name)];
    return one && two ? [[visible(name), one, two]] : [];
  });
  return [only(before, after), only(after, before), both];
}

function* typeChanges(what: string, old: Tensor, now: Tensor): Generator<Change> {
  if (old.dtype === now.dtype) return;
  const weight = old.dtype && now.dtype ? "breaking" : "caution";
  yield change(weight, `${what} is ${visible(now.dtype) || "of an unknown type"} instead of ${visible(old.dtype) || "one"}`);
}

function* inputShapeChanges(what: string, old: Shape | null, now: Shape | null): Generator<Change> {
  const [before, after] = [dimensionsOf(old), dimensionsOf(now)];
  if (shapeText(old) === shapeText(now)) return;
  if (after === null) yield change("note", `${what} takes any shape, before ${shapeText(old)}`);
  else if (before === null) yield change("breaking", `${what} takes only ${shapeText(now)}, before any shape`);
  else if (before.length !== after.length) yield change("breaking", rankText(what, before, after));
  else
    for (const [position, has] of after.entries())
      yield* inputDimension(`${what}, ${dimensionName(position)}`, before[position] ?? -1n, has);
}

function* inputDimension(what: string, had: bigint, has: bigint): Generator<Change> {
  if (had === has) return;
  if (has < 0) yield change("note", `${what}: any size is taken, before only ${had}`);
  else yield change("breaking", `${what}: only ${has} is taken, before ${had < 0 ? "any size" : `only ${had}`}`);
}

function* outputShapeChanges(what: string, old: Shape | null, now: Shape | null): Generator<Change> {
  const [before, after] = [dimensionsOf(old), dimensionsOf(now)];
  if (shapeText(old) === shapeText(now)) return;
  if (before === null) yield change("note", `${what} has the shape ${shapeText(now)}, before any`);
  else if (after === null) yield change("caution", `${what} declares no shape any more, before ${shapeText(old)}`);
  else if (before.length !== after.length) yield change("breaking", rankText(what, before, after));
  else for (const [position, has] of after.entries()) yield* outputDimension(what, before[position] ?? -1n, has, position);
}

function* outputDimension(of: string, had: bigint, has: bigint, position: number): Generator<Change> {
  const what = `${of}, ${dimensionName(position)}`;
  if (had === has) return;
  if (had < 0) yield change("note", `${what}: always ${has}, before any size`);
  else if (has < 0) yield change(position === 0 ? "note" : "caution", `${what}: declared as any size, before always ${had}`);
  else yield change("breaking", `${what}: ${has} instead of ${had}`);
}

const dimensionName = (position: number): string => (position === 0 ? "batch dimension" : `dimension ${position}`);

const rankText = (what: string, before: bigint[], after: bigint[]): string =>
  `${what} has ${count(after.length, "dimension")} instead of ${before.length}`;

/** Dimensions, unknown ones as -1; null for any rank, or where nothing is said of the shape. */
const dimensionsOf = (shape: Shape | null): bigint[] | null =>
  shape === null || shape.unknownRank ? null : shape.dimensions.map((size) => (size < 0 ? -1n : size));

export const shapeText = (shape: Shape | null): string =>
  `[${
    dimensionsOf(shape)
      ?.map((size) => (size < 0 ? "?" : size))
      .join(",") ?? "…"
  }]`;

const tensorText = ({ name, dtype, shape }: Tensor): string => `${visible(name)} ${visible(dtype) || "?"}${shapeText(shape)}`;

const methodName = (method: string): string => visible(method.slice(method.lastIndexOf("/") + 1)) || "unsaid";
