/** The parts of a manifest in the form that the panel shows them. Pure. */
import type { Manifest, TensorSpec } from "../../api/types";
import { toNumber } from "../../model/format";
import type { Callable } from "../../model/snippets";

type SavedModel = NonNullable<Manifest["savedModel"]>;
export type MetaGraph = NonNullable<SavedModel["metaGraphs"]>[number];
type WireTensor = NonNullable<NonNullable<MetaGraph["signatures"]>[number]["inputs"]>[number];
export type WireVariable = NonNullable<SavedModel["variables"]>[number];

/** null: unknown rank, or a shape that was not recorded. */
export function shapeOf(shape: WireTensor["shape"]): (number | null)[] | null {
  if (!shape || shape.unknownRank) return null;
  return (shape.dimensions ?? []).map((text) => {
    const dimension = toNumber(text);
    return dimension === null || dimension < 0 ? null : dimension;
  });
}

function tensor(wire: WireTensor): TensorSpec {
  return { name: wire.name ?? "", dtype: wire.dtype ?? "?", shape: shapeOf(wire.shape), tensor: wire.tensor ?? "" };
}

export interface ReadSignature extends Callable {
  method: string;
}

/** Names with two underscores in front are TensorFlow's own. */
export function isPublic(signature: { key: string }): boolean {
  return !signature.key.startsWith("__");
}

export function signaturesOf(graph: MetaGraph): ReadSignature[] {
  return (graph.signatures ?? []).map((signature) => ({
    key: signature.key ?? "",
    method: signature.method ?? "",
    inputs: (signature.inputs ?? []).map(tensor),
    outputs: (signature.outputs ?? []).map(tensor),
  }));
}

/** The graph that clients load: the one tagged just "serve", else the first. */
export function servedGraph(manifest: Manifest | null): MetaGraph | null {
  const graphs = manifest?.savedModel?.metaGraphs ?? [];
  return graphs.find((graph) => graph.tags?.length === 1 && graph.tags[0] === "serve") ?? graphs[0] ?? null;
}

/** Tags that tf.saved_model.load has to be told; null where it finds the graph by itself. */
export function tagsToName(manifest: Manifest | null): string[] | null {
  const graphs = manifest?.savedModel?.metaGraphs ?? [];
  const tags = servedGraph(manifest)?.tags ?? [];
  return graphs.length > 1 || (tags.length > 0 && !tags.includes("serve")) ? tags : null;
}

/** Elements of a variable; null where a dimension is unknown. */
export function elements(shape: (number | null)[] | null): number | null {
  if (shape === null) return null;
  return shape.reduce<number | null>((product, size) => (product === null || size === null ? null : product * size), 1);
}

/** A map's entries sorted by name; the empty list where there is none. */
export function pairs<T>(record: Record<string, T> | null | undefined): [string, T][] {
  return Object.entries(record ?? {}).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Milliseconds since the epoch; null where the text is no RFC 3339 time. */
export function timeOf(text: string | null | undefined): number | null {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? null : ms;
}

const RELATIONS: ReadonlyMap<string, string> = new Map([
  ["fine_tuned_from", "fine-tuned from"],
  ["distilled_from", "distilled from"],
  ["derived_from", "derived from"],
]);

/** "fine-tuned from", of the manifest's word or the server's; "made from" where the manifest does not say how. */
export function relationWords(relation: string): string {
  return RELATIONS.get(relation.toLowerCase().replace(/[- ]/g, "_")) ?? "made from";
}

/** "9f2c41d07ab3" of "sha256:9f2c41d07ab3…" */
export function shortDigest(digest: string): string {
  return digest.replace(/^[a-z0-9]+:/i, "").slice(0, 12);
}
