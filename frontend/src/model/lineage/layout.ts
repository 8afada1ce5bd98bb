/** Where the nodes of a lineage graph stand and how its edges run: from left to right, in layers. Pure. */
import { type Box, type Point, SIZES } from "./boxes";
import { layOut as layOutFamily } from "./family";
import type { Lineage, LineageEdge, LineageNode } from "./graph";
import { isDescent } from "./words";

export interface Path {
  edge: LineageEdge;
  /** An SVG path. */
  d: string;
  /** Where its words may stand. */
  middle: Point;
}

export interface Layout {
  width: number;
  height: number;
  boxes: ReadonlyMap<string, Box>;
  paths: Path[];
}

const MARGIN = 16;
const GAP = 14;
const BETWEEN_DATA = 8;
const ROOM_FOR_DATA = SIZES.data.width + 64;

/** Nodes that are connected, datasets apart: those lie in a column of their own and lead everywhere. */
export function familiesOf(nodes: readonly LineageNode[], edges: readonly LineageEdge[]): LineageNode[][] {
  const leader = new Map(nodes.map((node) => [node.key, node.key]));
  const find = (key: string): string => {
    let at = key;
    for (let next = leader.get(at) ?? at; next !== at; next = leader.get(at) ?? at) {
      leader.set(at, leader.get(next) ?? next);
      at = next;
    }
    return at;
  };
  for (const { from, to } of edges) leader.set(find(from), find(to));
  const families = new Map<string, LineageNode[]>();
  for (const node of nodes) {
    const key = find(node.key);
    const family = families.get(key);
    if (family) family.push(node);
    else families.set(key, [node]);
  }
  return [...families.values()];
}

/** Horizontal at both ends and at each point between. */
export function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let before = first;
  let d = `M${round(first.x)},${round(first.y)}`;
  for (const point of rest) {
    // An edge that leads back swings out, so that it can be told from the others.
    const reach = point.x > before.x ? (point.x - before.x) / 2 : 70;
    d += `C${round(before.x + reach)},${round(before.y)} ${round(point.x - reach)},${round(point.y)} ${round(point.x)},${round(point.y)}`;
    before = point;
  }
  return d;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** Datasets near to what uses them, none over another. */
function placeData(nodes: readonly LineageNode[], edges: readonly LineageEdge[], boxes: Map<string, Box>): void {
  const wanted = nodes.map((node) => {
    const users = edges.filter((edge) => edge.from === node.key).flatMap((edge) => boxes.get(edge.to) ?? []);
    const sum = users.reduce((total, box) => total + box.y + box.height / 2, 0);
    return { node, y: users.length === 0 ? 0 : sum / users.length - SIZES.data.height / 2 };
  });
  wanted.sort((a, b) => a.y - b.y);
  let free = MARGIN;
  for (const { node, y } of wanted) {
    const top = Math.max(free, y);
    boxes.set(node.key, { x: MARGIN, y: top, ...SIZES.data });
    free = top + SIZES.data.height + BETWEEN_DATA;
  }
}

function ends(edge: LineageEdge, boxes: ReadonlyMap<string, Box>): [Point, Point] | null {
  const from = boxes.get(edge.from);
  const to = boxes.get(edge.to);
  if (!from || !to) return null;
  return [
    { x: from.x + from.width, y: from.y + from.height / 2 },
    { x: to.x, y: to.y + to.height / 2 },
  ];
}

/** What was made from what comes first: there is something to see. */
function byDescent(edges: readonly LineageEdge[]): (a: LineageNode[], b: LineageNode[]) => number {
  const made = new Set(edges.filter((edge) => isDescent(edge.kind)).flatMap((edge) => [edge.from, edge.to]));
  const count = (family: readonly LineageNode[]): number => family.filter((node) => made.has(node.key)).length;
  return (a, b) => count(b) - count(a);
}

export function layOut({ nodes, edges }: Pick<Lineage, "nodes" | "edges">): Layout {
  const data = nodes.filter((node) => node.kind === "data");
  const others = nodes.filter((node) => node.kind !== "data");
  const isData = new Set(data.map((node) => node.key));
  const inner = edges.filter((edge) => !isData.has(edge.from));
  const boxes = new Map<string, Box>();
  const bends = new Map<LineageEdge, Point[]>();
  const left = MARGIN + (data.length > 0 ? ROOM_FOR_DATA : 0);
  let top = MARGIN;
  const families = familiesOf(others, inner).sort(byDescent(inner));
  const familyOf = new Map(families.flatMap((family, at) => family.map((node) => [node.key, at] as const)));
  const edgesOf: LineageEdge[][] = families.map(() => []);
  for (const edge of inner) edgesOf[familyOf.get(edge.from) as number]?.push(edge);
  families.forEach((family, at) => {
    const placed = layOutFamily(family, edgesOf[at] ?? []);
    for (const [key, box] of placed.boxes) boxes.set(key, { ...box, x: box.x + left, y: box.y + top });
    for (const [edge, points] of placed.bends)
      bends.set(
        edge,
        points.map(({ x, y }) => ({ x: x + left, y: y + top })),
      );
    top += placed.height + GAP;
  });
  placeData(data, edges, boxes);
  const paths = edges.flatMap((edge): Path[] => {
    const both = ends(edge, boxes);
    if (!both) return [];
    const points = [both[0], ...(bends.get(edge) ?? []), both[1]];
    const [a, b] = [points[Math.floor((points.length - 1) / 2)] as Point, points[Math.ceil((points.length - 1) / 2)] as Point];
    const [c, e] = a === b ? [a, a] : [a, b];
    return [{ edge, d: pathThrough(points), middle: { x: (c.x + e.x) / 2, y: (c.y + e.y) / 2 } }];
  });
  const right = Math.max(0, ...[...boxes.values()].map((box) => box.x + box.width));
  const bottom = Math.max(0, ...[...boxes.values()].map((box) => box.y + box.height));
  return { width: right + MARGIN, height: bottom + MARGIN, boxes, paths };
}
