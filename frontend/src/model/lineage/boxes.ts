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
  version: { width: 158, height: 36 },
  run: { width: 144, height: 24 },
  data: { width: 128, height: 36 },
  missing: { width: 158, height: 36 },
};
