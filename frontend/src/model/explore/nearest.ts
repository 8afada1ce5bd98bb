/** Which version is under the pointer. Pure; pixels. */

export interface Hit {
  /** Position in the drawn rows. */
  at: number;
  x: number;
  y: number;
}

interface Place {
  x: number;
  y: number;
}

interface Lines {
  xs: readonly number[];
  heights: readonly Float32Array[];
}

interface Points {
  xs: Float32Array;
  ys: Float32Array;
}

/** How far from a line or point the pointer may be. */
const REACH = 9;

/** The line whose height between two axes is next to the pointer; those that are `inside` before all others. */
export function nearestLine({ xs, heights }: Lines, { x, y }: Place, inside: Uint8Array): Hit | null {
  const right = xs.findIndex((each) => each >= x);
  if (right < 1) return null;
  const [from, to] = [xs[right - 1] as number, xs[right] as number];
  const [left, next] = [heights[right - 1] as Float32Array, heights[right] as Float32Array];
  const part = (x - from) / (to - from);
  let [best, least, found] = [-1, REACH, 0];
  for (let at = 0; at < left.length; at++) {
    const height = (left[at] as number) * (1 - part) + (next[at] as number) * part;
    const distance = Math.abs(height - y) + (inside[at] ? 0 : REACH / 2);
    if (distance < least) [best, least, found] = [at, distance, height];
  }
  return best < 0 ? null : { at: best, x, y: found };
}

export function nearestPoint({ xs, ys }: Points, { x, y }: Place, inside: Uint8Array): Hit | null {
  let [best, least] = [-1, REACH * REACH];
  for (let at = 0; at < xs.length; at++) {
    const distance = ((xs[at] as number) - x) ** 2 + ((ys[at] as number) - y) ** 2 + (inside[at] ? 0 : REACH);
    if (distance < least) [best, least] = [at, distance];
  }
  return best < 0 ? null : { at: best, x: xs[best] as number, y: ys[best] as number };
}
