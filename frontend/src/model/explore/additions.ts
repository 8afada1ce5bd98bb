/** What a chart draws anew where a version came and all others stayed where they are. Pure. */
import type { Coloring } from "./color";

/** What a chart shows of each drawn version. */
export interface Drawn {
  /** Of the table. */
  ids: readonly string[];
  rows: Uint32Array;
  /** For each axis, in the order of the rows. */
  places: readonly Float32Array[];
  coloring: Coloring | null;
}

/** With more, all is drawn again. */
const MOST = 500;

function colorOf({ coloring, rows }: Drawn, at: number): string {
  return coloring?.palette[coloring.codes[rows[at] as number] as number] ?? "";
}

/** Positions among the drawn rows of the versions that came; null where another one went, moved or has another colour. */
export function additions(before: Drawn, after: Drawn): number[] | null {
  if (before.places.length !== after.places.length) return null;
  const added: number[] = [];
  let old = 0;
  const isSame = (at: number): boolean =>
    after.places.every((places, axis) => Object.is(places[at], before.places[axis]?.[old])) && colorOf(after, at) === colorOf(before, old);
  for (let at = 0; at < after.rows.length; at++) {
    const isKnown = old < before.rows.length && after.ids[after.rows[at] as number] === before.ids[before.rows[old] as number];
    if (isKnown && !isSame(at)) return null;
    if (isKnown) old++;
    else added.push(at);
    if (added.length > MOST) return null;
  }
  return old === before.rows.length ? added : null;
}
