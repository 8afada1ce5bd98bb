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

/** Room for the points at both ends, in pixels. */
const SHORT = 7;

/** An SVG path from parent to child that bows to where there is more room, so that it does not lie on a line. */
export function bow(from: Place, to: Place, height: number): string {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length <= 2 * SHORT) return "";
  const side = (from.y + to.y) / 2 < height / 2 ? 1 : -1;
  const [x, y] = [(from.x + to.x) / 2, (from.y + to.y) / 2 + side * Math.min(0.3 * length, height / 2)];
  const start = towards(from, { x, y });
  const end = towards(to, { x, y });
  return `M${round(start.x)},${round(start.y)}Q${round(x)},${round(y)} ${round(end.x)},${round(end.y)}`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

function towards(from: Place, to: Place): Place {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return { x: from.x + ((to.x - from.x) / length) * SHORT, y: from.y + ((to.y - from.y) / length) * SHORT };
}
