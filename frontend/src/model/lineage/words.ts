/** The lineage graph in words for screen readers, and its legend. Pure. */
import { formatCount } from "../format";
import type { EdgeKind, Lineage, LineageEdge, LineageNode, NodeKind } from "./graph";

const KINDS: Readonly<Record<NodeKind, [one: string, many: string]>> = {
  version: ["version", "versions"],
  run: ["run", "runs"],
  data: ["dataset", "datasets"],
  missing: ["version that is not here", "versions that are not here"],
};

/** "18 versions, 12 runs and 5 datasets". */
export function countsInWords({ nodes }: Pick<Lineage, "nodes">): string {
  const parts = (Object.keys(KINDS) as NodeKind[]).flatMap((kind) => {
    const count = nodes.filter((node) => node.kind === kind).length;
    return count === 0 ? [] : [`${formatCount(count)} ${KINDS[kind][count === 1 ? 0 : 1]}`];
  });
  return parts.length < 2 ? parts.join() : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** How many edges of a node are read out. */
const MOST_SAID = 4;

/** "Version digits 13, 1.1.0, val_loss 0.05. digits 13 was fine-tuned from digits 9. …" */
export function nodeInWords(node: LineageNode, edges: readonly LineageEdge[], value: string): string {
  const kind = node.kind === "data" ? "Dataset" : node.kind === "run" ? "Run" : "Version";
  const state = node.kind === "missing" ? "not here" : node.shown ? "" : "not among the shown versions";
  const first = [`${kind} ${node.name}`, node.more, value, state].filter(Boolean).join(", ");
  const own = edges.filter((edge) => edge.from === node.key || edge.to === node.key);
  const more = own.length > MOST_SAID ? [`and ${own.length - MOST_SAID} more`] : [];
  return [first, ...own.slice(0, MOST_SAID).map((edge) => edge.words), ...more].join(". ");
}

export const LEGEND: Readonly<Record<EdgeKind, string>> = {
  "fine-tuned": "fine-tuned from",
  distilled: "distilled from",
  derived: "derived from",
  made: "made from",
  exported: "exported by",
  linked: "linked to",
  trained: "trained on",
  evaluated: "evaluated on",
  used: "used",
};

/** The kinds of edges that there are, in the legend's order. */
export function kindsOf({ edges }: Pick<Lineage, "edges">): EdgeKind[] {
  const there = new Set(edges.map((edge) => edge.kind));
  return (Object.keys(LEGEND) as EdgeKind[]).filter((kind) => there.has(kind));
}

/** Edges between versions: these have their words beside them. */
export function isDescent(kind: EdgeKind): boolean {
  return kind === "fine-tuned" || kind === "distilled" || kind === "derived" || kind === "made";
}
