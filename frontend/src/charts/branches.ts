/** Where a version was not made from the one before it. Pure. */
import type { Picture, Point } from "./points";

export interface Branch {
  from: Point;
  to: Point;
  /** "fine-tuned from". */
  relation: string;
}

export interface Branches {
  branches: Branch[];
  /** Points that no line may lead to: they come from somewhere else than the point before. */
  cut: ReadonlySet<Point>;
}

export function branchesOf({ lines }: Pick<Picture, "lines">): Branches {
  const byId = new Map(lines.flatMap((line) => line.points.map((point) => [point.id, point] as const)));
  const branches: Branch[] = [];
  const cut = new Set<Point>();
  for (const { points } of lines) {
    points.forEach((to, at) => {
      const before = points[at - 1];
      if (to.parents.some((parent) => parent.id === before?.id)) return;
      for (const { id, relation } of to.parents) {
        const from = byId.get(id);
        if (!from || from === to) continue;
        branches.push({ from, to, relation });
        cut.add(to);
      }
    });
  }
  return { branches, cut };
}

interface Place {
  x: number;
  y: number;
}

/** From the middle of a point to where a curve leaves it, and to where an arrow ends: at the edge of the point. */
const LEAVES = 7;
const ENDS = 5;

/**
 * An SVG path from parent to child that bows to where there is more room, so that it does not lie on a line.
 *
 * It leaves the parent straight up or down and comes to the child from the side: where one curve ends and another begins
 * at the same version, they do not look like one.
 */
export function bow(from: Place, to: Place, height: number): string {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length <= LEAVES + ENDS) return "";
  const side = (from.y + to.y) / 2 < height / 2 ? 1 : -1;
  const depth = side * Math.min(0.3 * length, height / 2);
  const start = { x: from.x, y: from.y + side * Math.min(LEAVES, length / 4) };
  const first = { x: from.x + (to.x - from.x) / 10, y: from.y + depth };
  const second = { x: from.x + 0.6 * (to.x - from.x), y: (from.y + to.y) / 2 + depth };
  const end = towards(to, second);
  return `M${point(start)}C${point(first)} ${point(second)} ${point(end)}`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
const point = ({ x, y }: Place): string => `${round(x)},${round(y)}`;

function towards(from: Place, to: Place): Place {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return { x: from.x + ((to.x - from.x) / length) * ENDS, y: from.y + ((to.y - from.y) / length) * ENDS };
}
