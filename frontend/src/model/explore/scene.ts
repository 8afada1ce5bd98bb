/** Which versions a chart draws, in which order, and which of them stand out. Pure. */
import type { Table } from "../columns";
import { type Brush, brushTest } from "./brush";
import { type Coloring, drawingOrder } from "./color";

/** Positions in the drawn rows. */
export interface Split {
  /** For each position whether it is inside of all ranges. */
  inside: Uint8Array;
  /** In the order of drawing. */
  inner: Uint32Array;
}

/** The positions that are inside, by the place of their colour; equal ones stay in their order. */
function byColor(inside: Uint8Array, rows: Uint32Array, coloring: Coloring | null): Uint32Array {
  const buckets: number[][] = (coloring?.palette ?? [""]).map(() => []);
  const code = (at: number): number => (coloring ? (coloring.codes[rows[at] as number] as number) : 0);
  for (let at = 0; at < rows.length; at++) if (inside[at]) buckets[code(at)]?.push(at);
  const order = coloring ? drawingOrder(coloring) : [0];
  return Uint32Array.from(order.flatMap((each) => buckets[each] ?? []));
}

export function split(table: Table, rows: Uint32Array, brushes: readonly Brush[], coloring: Coloring | null): Split {
  const passes = brushTest(table, brushes);
  const inside = new Uint8Array(rows.length);
  for (let at = 0; at < rows.length; at++) inside[at] = passes === null || passes(rows[at] as number) ? 1 : 0;
  return { inside, inner: byColor(inside, rows, coloring) };
}

/** Where rows are among the drawn ones; those that are not drawn are left out. */
export function positionsOf(rows: Uint32Array, wanted: readonly number[]): number[] {
  return wanted.map((row) => rows.indexOf(row)).filter((at) => at >= 0);
}
