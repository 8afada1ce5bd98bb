/** Lays out one connected family of nodes in layers with dagre, without the edges that would make it slow. Pure. */
import { Graph, layout } from "@dagrejs/dagre";
import { type Box, type Point, SIZES } from "./boxes";
import type { LineageEdge, LineageNode } from "./graph";

export interface Family {
  height: number;
  boxes: Map<string, Box>;
  /** Points between the ends of edges that pass through layers. */
  bends: Map<LineageEdge, Point[]>;
}

const BETWEEN_NODES = 6;
const BETWEEN_LAYERS = 44;
/** Room for "fine-tuned" in the middle of an edge. */
const WORDS = { width: 66, height: 13 };

/** dagre puts a node into every layer that an edge passes, and takes the square of their number in time. */
const MOST_PASSED = 150;
const MOST_LAID_OUT = 450;

/** The layer of each node: one behind the last of what it comes from. Where nodes go in circles, one is taken as the first. */
export function layersOf(nodes: readonly LineageNode[], edges: readonly LineageEdge[]): Map<string, number> {
  const waiting = new Map(nodes.map((node) => [node.key, 0]));
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) {
    waiting.set(to, (waiting.get(to) ?? 0) + 1);
    next.set(from, [...(next.get(from) ?? []), to]);
  }
  const layers = new Map<string, number>();
  const layerSoFar = new Map<string, number>();
  const ready = nodes.filter((node) => waiting.get(node.key) === 0).map((node) => node.key);
  const settle = (key: string): void => {
    const layer = layerSoFar.get(key) ?? 0;
    layers.set(key, layer);
    waiting.delete(key);
    for (const to of next.get(key) ?? []) {
      const left = waiting.get(to);
      if (left === undefined) continue;
      layerSoFar.set(to, Math.max(layerSoFar.get(to) ?? 0, layer + 1));
      waiting.set(to, left - 1);
      if (left === 1) ready.push(to);
    }
  };
  for (let at = 0; waiting.size > 0; ) {
    const key = at < ready.length ? ready[at++] : [...waiting.keys()][0];
    if (key !== undefined && waiting.has(key)) settle(key);
  }
  return layers;
}

/** Edges that decide where nodes stand: forward, short ones first, as many as are quickly laid out. */
export function deciding(nodes: readonly LineageNode[], edges: readonly LineageEdge[]): LineageEdge[] {
  const layers = layersOf(nodes, edges);
  const passes = (edge: LineageEdge): number => (layers.get(edge.to) ?? 0) - (layers.get(edge.from) ?? 0) - 1;
  let passed = 0;
  return edges
    .map((edge) => ({ edge, passes: passes(edge) }))
    .filter((each) => each.passes >= 0)
    .sort((a, b) => a.passes - b.passes)
    .filter((each) => (passed += each.passes) <= MOST_PASSED)
    .slice(0, MOST_LAID_OUT)
    .map((each) => each.edge);
}

export function layOut(nodes: readonly LineageNode[], edges: readonly LineageEdge[]): Family {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: BETWEEN_NODES, edgesep: BETWEEN_NODES, ranksep: BETWEEN_LAYERS, ranker: "tight-tree" });
  // dagre leaves what is equal to it in the opposite order.
  for (const { key, kind } of [...nodes].reverse()) graph.setNode(key, { ...SIZES[kind] });
  const laidOut = deciding(nodes, edges).reverse();
  const labelled = (edge: LineageEdge): boolean => !["exported", "linked"].includes(edge.kind);
  for (const edge of laidOut) graph.setEdge(edge.from, edge.to, labelled(edge) ? { ...WORDS, labelpos: "c" } : {});
  layout(graph);
  const boxes = new Map<string, Box>();
  for (const { key } of nodes) {
    const { x, y, width, height } = graph.node(key) as Box;
    boxes.set(key, { x: x - width / 2, y: y - height / 2, width, height });
  }
  const bends = new Map<LineageEdge, Point[]>();
  for (const edge of laidOut) {
    const between = (graph.edge(edge.from, edge.to) as { points: Point[] }).points.slice(1, -1);
    if (between.length > 1) bends.set(edge, between);
  }
  return { height: Number(graph.graph().height ?? 0), boxes, bends };
}
