/** How large things are in the lineage graph. */
import type { NodeKind } from "./graph";

/** Left upper corner, in the graph's own pixels. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export const SIZES: Readonly<Record<NodeKind, { width: number; height: number }>> = {
  version: { width: 176, height: 42 },
  run: { width: 168, height: 28 },
  data: { width: 148, height: 42 },
  missing: { width: 176, height: 42 },
};
