/** Where the arrow keys lead in a lineage graph: along its edges, and up and down within a layer. Pure. */
import type { Box } from "./boxes";
import type { LineageEdge } from "./graph";
import type { Layout } from "./layout";

const middle = (box: Box): number => box.y + box.height / 2;

function nearest(keys: readonly string[], boxes: ReadonlyMap<string, Box>, distance: (box: Box) => number): string | null {
  let found: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const key of keys) {
    const box = boxes.get(key);
    if (!box || distance(box) >= least) continue;
    least = distance(box);
    found = key;
  }
  return found;
}

/** The node that an arrow key leads to; null where there is none. */
export function nextNode(layout: Layout, edges: readonly LineageEdge[], from: string, key: string): string | null {
  const box = layout.boxes.get(from);
  if (!box) return null;
  const closeBy = (other: Box): number => Math.abs(middle(other) - middle(box)) + Math.abs(other.x - box.x) / 10;
  if (key === "ArrowRight") {
    const targets = edges.filter((edge) => edge.from === from).map((edge) => edge.to);
    return nearest(targets, layout.boxes, closeBy);
  }
  if (key === "ArrowLeft") {
    const sources = edges.filter((edge) => edge.to === from);
    // A version before a run before a dataset: the way back to where a model comes from.
    const before = ["version", "missing", "run", "data"].map((kind) =>
      sources.map((edge) => edge.from).filter((each) => each.startsWith(kind)),
    );
    return nearest(before.find((each) => each.length > 0) ?? [], layout.boxes, closeBy);
  }
  const down = key === "ArrowDown";
  if (!down && key !== "ArrowUp") return null;
  const others = [...layout.boxes].filter(([other, its]) => other !== from && (down ? its.y > box.y : its.y < box.y));
  const inLayer = others.filter(([, its]) => its.x < box.x + box.width && its.x + its.width > box.x);
  const keys = (inLayer.length > 0 ? inLayer : others).map(([other]) => other);
  return nearest(keys, layout.boxes, (its) => Math.abs(its.y - box.y) + Math.abs(its.x - box.x) / 2);
}
