/** Which versions a chart draws, in which order, and which of them stand out. Pure. */
import type { Table } from "../columns";
import { type Brush, brushTest } from "./brush";
import { type Coloring, drawingOrder } from "./color";

/** Positions in the drawn rows. */
export interface Split {
  /** For each position whether it is inside of all ranges. */
  inside: Uint8Array;
  outer: Uint32Array;
  /** In the order of drawing. */
  inner: Uint32Array;
}

/** Sorted by the place of their colour; equal ones stay in their order. */
function byColor(positions: Uint32Array, rows: Uint32Array, coloring: Coloring | null): Uint32Array {
  if (!coloring) return positions;
  const place = new Uint16Array(coloring.palette.length);
  drawingOrder(coloring).forEach((code, index) => void (place[code] = index));
  const key = (at: number): number => place[coloring.codes[rows[at] as number] as number] as number;
  return positions.slice().sort((a, b) => key(a) - key(b) || a - b);
}

export function split(table: Table, rows: Uint32Array, brushes: readonly Brush[], coloring: Coloring | null): Split {
  const passes = brushTest(table, brushes);
  const inside = Uint8Array.from(rows, (row) => (passes === null || passes(row) ? 1 : 0));
  const positions = Uint32Array.from(rows, (_, at) => at);
  return {
    inside,
    outer: positions.filter((at) => inside[at] === 0),
    inner: byColor(
      positions.filter((at) => inside[at] === 1),
      rows,
      coloring,
    ),
  };
}

/** Where rows are among the drawn ones; those that are not drawn are left out. */
export function positionsOf(rows: Uint32Array, wanted: readonly number[]): number[] {
  return wanted.map((row) => rows.indexOf(row)).filter((at) => at >= 0);
}
