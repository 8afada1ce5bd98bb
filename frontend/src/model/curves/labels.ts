/** Where the names of marks stand: near their mark, over no other name or mark, over curves only where nothing else is free. Pure; pixels. */

export interface Spot {
  x: number;
  y: number;
}

/** A name, `y` its middle. */
export interface Label extends Spot {
  width: number;
  /** From the edge of the mark to the name; null where the name stands right beside it. */
  leader: [Spot, Spot] | null;
}

export interface Mark extends Spot {
  /** Width of its name; null: it has none, but no other name may cover it. */
  width: number | null;
}

export interface Walls {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export const LABEL_HEIGHT = 19;
const MARK = 6;
const BESIDE = 9;
/** Names further away than this seem to belong to another value. */
const UPWARD = [0, -21, 21, -30, 30, -40, 40, -52, 52];
const SIDEWAYS = [0, 14, 30];
const COLUMN = 3;
/** What a pixel of a covered curve costs, in pixels of distance. */
const COVERED = 0.55;
/** At most: near its mark, a name over curves is better than a free one far away. */
const MOST_COVERED = 32;

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const boxOf = ({ x, y, width }: { x: number; y: number; width: number }): Box => ({
  left: x,
  right: x + width,
  top: y - LABEL_HEIGHT / 2,
  bottom: y + LABEL_HEIGHT / 2,
});

const grown = ({ left, right, top, bottom }: Box, by: number): Box => ({
  left: left - by,
  right: right + by,
  top: top - by,
  bottom: bottom + by,
});

const overlap = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

const contains = (box: Box, { x, y }: Spot): boolean => x > box.left && x < box.right && y > box.top && y < box.bottom;

/** Good enough for lines of at most 60 pixels. */
function crosses([from, to]: readonly [Spot, Spot], box: Box): boolean {
  for (let part = 0; part <= 12; part++) {
    const spot = { x: from.x + ((to.x - from.x) * part) / 12, y: from.y + ((to.y - from.y) * part) / 12 };
    if (contains(box, spot)) return true;
  }
  return false;
}

/** From the mark's edge to the nearest point of the name. */
function leaderOf(mark: Spot, box: Box): [Spot, Spot] | null {
  const end = { x: Math.min(Math.max(mark.x, box.left), box.right), y: Math.min(Math.max(mark.y, box.top), box.bottom) };
  const [dx, dy] = [end.x - mark.x, end.y - mark.y];
  const length = Math.hypot(dx, dy);
  if (length <= BESIDE + 0.5) return null;
  return [{ x: mark.x + (dx / length) * MARK, y: mark.y + (dy / length) * MARK }, end];
}

/** How high each curve is in columns of three pixels. */
export type Heights = Map<number, [number, number]>;

/** `xs` do not go back; gaps stay gaps. */
export function heightsOf(xs: ArrayLike<number>, ys: ArrayLike<number>): Heights {
  const found: Heights = new Map();
  const take = (column: number, y: number): void => {
    const range = found.get(column);
    if (!range) found.set(column, [y, y]);
    else if (y < range[0]) range[0] = y;
    else if (y > range[1]) range[1] = y;
  };
  for (let i = 0; i < xs.length; i++) {
    const [x, y] = [xs[i] as number, ys[i] as number];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    take(Math.floor(x / COLUMN), y);
    const [before, up] = [xs[i - 1], ys[i - 1]];
    if (before === undefined || up === undefined || !Number.isFinite(up)) continue;
    for (let column = Math.floor(before / COLUMN) + 1; column < Math.floor(x / COLUMN); column++) {
      take(column, up + ((column * COLUMN - before) / (x - before)) * (y - up));
    }
  }
  return found;
}

function covered(box: Box, curves: readonly Heights[]): number {
  let count = 0;
  for (const heights of curves) {
    for (let column = Math.floor(box.left / COLUMN); column * COLUMN < box.right; column++) {
      const range = heights.get(column);
      if (range && range[0] < box.bottom && range[1] > box.top) count += COLUMN;
    }
  }
  return count;
}

/** In the order of the marks: who comes first has the choice. Where nothing near is free, the mark has no name. */
export function placeNames(marks: readonly Mark[], walls: Walls, curves: readonly Heights[]): (Label | null)[] {
  const names: Box[] = [];
  const leaders: [Spot, Spot][] = [];
  return marks.map((mark) => {
    const { x, y, width } = mark;
    if (width === null) return null;
    const others = marks.filter((each) => each !== mark && Math.hypot(each.x - x, each.y - y) > 2);
    const free = (label: Label, box: Box): boolean => {
      if (box.left < walls.left || box.right > walls.right || box.top < walls.top || box.bottom > walls.bottom) return false;
      const wide = grown(box, 2);
      if (names.some((each) => overlap(each, wide)) || leaders.some((each) => crosses(each, wide))) return false;
      // Right beside another mark it would be read as that one's.
      const room = { ...grown(box, MARK), left: box.left - MARK - BESIDE, right: box.right + MARK + BESIDE };
      if (others.some((each) => contains(room, each))) return false;
      const { leader } = label;
      return !leader || (!names.some((each) => crosses(leader, each)) && !others.some((each) => crosses(leader, around(each))));
    };
    let best: { label: Label; box: Box; cost: number } | null = null;
    for (const dy of UPWARD) {
      const lefts = SIDEWAYS.flatMap((far) => [x + BESIDE + far, x - BESIDE - far - width]);
      if (dy !== 0) lefts.push(x - width / 2, x - width + 12, x - 12);
      for (const left of lefts) {
        const box = boxOf({ x: left, y: y + dy, width });
        const leader = leaderOf(mark, box);
        const away = Math.abs(dy) / 2 + (leader ? Math.hypot(leader[1].x - x, leader[1].y - y) : 0);
        if (best && away >= best.cost) continue;
        const label: Label = { x: left, y: y + dy, width, leader };
        if (!free(label, box)) continue;
        const cost = away + Math.min(covered(box, curves) * COVERED, MOST_COVERED);
        if (!best || cost < best.cost) best = { label, box, cost };
      }
    }
    if (!best) return null;
    names.push(best.box);
    if (best.label.leader) leaders.push(best.label.leader);
    return best.label;
  });
}

function around({ x, y }: Spot): Box {
  return { left: x - MARK, right: x + MARK, top: y - MARK, bottom: y + MARK };
}
