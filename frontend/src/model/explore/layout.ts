/** Where axes and squares are on screen. Pure; CSS pixels. */

export interface Frame {
  width: number;
  height: number;
}

export interface ParallelLayout extends Frame {
  xs: number[];
  top: number;
  bottom: number;
  /** Room for an axis and its name; left of the first there is `before`. */
  step: number;
  before: number;
}

const AXIS = { narrowest: 92, top: 46, bottom: 12, left: 96, right: 62, lowest: 110 };

/** As wide as the room, or wider where the axes would be too close; then it scrolls. */
export function parallelLayout(count: number, room: Frame): ParallelLayout {
  const gaps = Math.max(1, count - 1);
  const step = Math.max(AXIS.narrowest, (room.width - AXIS.left - AXIS.right) / gaps);
  const width = count > 1 ? AXIS.left + gaps * step + AXIS.right : room.width;
  const height = Math.max(room.height, AXIS.top + AXIS.bottom + AXIS.lowest);
  const xs = Array.from({ length: count }, (_, index) => (count > 1 ? AXIS.left + index * step : width / 2));
  return { width, height, xs, step, before: AXIS.left, top: AXIS.top, bottom: height - AXIS.bottom };
}

export interface Plane {
  /** Which axes. */
  x: number;
  y: number;
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface SquaresLayout extends Frame {
  planes: Plane[];
}

const SQUARE = { gutter: 88, right: 16, top: 24, bottom: 42, gap: 10, rise: 24, narrowest: 110, lowest: 48 };

/** Every pair of axes once, as stairs; of two axes one square. The last axis is the lowest row. */
export function squaresLayout(count: number, room: Frame): SquaresLayout {
  const sides = Math.max(1, count - 1);
  const inner = { width: room.width - SQUARE.gutter - SQUARE.right, height: room.height - SQUARE.top - SQUARE.bottom };
  const width = Math.max(SQUARE.narrowest, (inner.width - (sides - 1) * SQUARE.gap) / sides);
  const height = Math.max(SQUARE.lowest, (inner.height - (sides - 1) * SQUARE.rise) / sides);
  const planes: Plane[] = [];
  for (let row = 0; row < sides; row++) {
    for (let column = 0; column <= row; column++) {
      const left = SQUARE.gutter + column * (width + SQUARE.gap);
      const top = SQUARE.top + row * (height + SQUARE.rise);
      planes.push({ x: column, y: row + 1, left, top, width, height });
    }
  }
  return {
    planes,
    width: SQUARE.gutter + sides * (width + SQUARE.gap) - SQUARE.gap + SQUARE.right,
    height: SQUARE.top + sides * (height + SQUARE.rise) - SQUARE.rise + SQUARE.bottom,
  };
}

/** What a drag on a marked part of an axis does: a new part, or the old one moved or made larger. */
export interface Grip {
  anchor: number;
  /** Set where the whole part moves: its length. */
  moves: number | null;
}

const EDGE = 6;

export function grip(spans: readonly { from: number; to: number }[], at: number): Grip {
  for (const { from, to } of spans) {
    if (Math.abs(at - from) <= EDGE) return { anchor: to, moves: null };
    if (Math.abs(at - to) <= EDGE) return { anchor: from, moves: null };
    if (at > from && at < to) return { anchor: from - at, moves: to - from };
  }
  return { anchor: at, moves: null };
}

/** The part that a drag to `at` leaves. */
export function dragged({ anchor, moves }: Grip, at: number, length: number): [number, number] {
  if (moves === null) return [Math.min(anchor, at), Math.max(anchor, at)];
  const from = Math.max(0, Math.min(length - moves, at + anchor));
  return [from, from + moves];
}

/** The list with one entry moved by one place. */
export function moved(ids: readonly string[], index: number, by: -1 | 1): string[] {
  const next = ids.filter((_, each) => each !== index);
  next.splice(Math.max(0, index + by), 0, ids[index] as string);
  return next;
}
