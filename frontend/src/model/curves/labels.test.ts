import { describe, expect, it } from "vitest";
import { heightsOf, LABEL_HEIGHT, type Mark, placeNames } from "./labels";

const WALLS = { left: 40, right: 600, top: 1, bottom: 230 };
const apart = (a: { x: number; y: number; width: number }, b: { x: number; y: number; width: number }): boolean =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || Math.abs(a.y - b.y) >= LABEL_HEIGHT;

describe("placeNames", () => {
  it("sets a name right beside its mark, without a line", () => {
    expect(placeNames([{ x: 100, y: 100, width: 70 }], WALLS, [])).toEqual([{ x: 109, y: 100, width: 70, leader: null }]);
  });

  it("takes the other side at the edge", () => {
    const [name] = placeNames([{ x: 590, y: 100, width: 70 }], WALLS, []);
    expect(name?.x).toBe(590 - 9 - 70);
  });

  it("moves no name without a line to its mark, and none over another or over a mark", () => {
    const marks: Mark[] = [0, 4, 9, 13, 60].map((dy) => ({ x: 560, y: 40 + dy, width: 80 }));
    const names = placeNames(marks, WALLS, []);
    names.forEach((name, at) => {
      if (!name) return;
      const mark = marks[at] as Mark;
      expect(Math.abs(name.y - mark.y)).toBeLessThanOrEqual(52);
      if (name.y !== mark.y) expect(name.leader).not.toBeNull();
      for (const other of marks) {
        const over = other.x > name.x && other.x < name.x + name.width && Math.abs(other.y - name.y) < LABEL_HEIGHT / 2;
        expect(over).toBe(false);
      }
      names.slice(at + 1).forEach((other) => void (other && expect(apart(name, other)).toBe(true)));
    });
  });

  it("sets no name where another mark's would stand", () => {
    const marks: Mark[] = [
      { x: 300, y: 100, width: 80 },
      { x: 395, y: 122, width: null },
    ];
    const [name] = placeNames(marks, { ...WALLS, left: 295, right: 500 }, []);
    expect(name && name.x + name.width > 380 && Math.abs(name.y - 122) < 10).toBe(false);
  });

  it("leaves out names where there is no room near", () => {
    const marks: Mark[] = Array.from({ length: 24 }, () => ({ x: 560, y: 100, width: 80 }));
    const names = placeNames(marks, WALLS, []);
    expect(names[0]).not.toBeNull();
    expect(names.filter((each) => each === null).length).toBeGreaterThan(5);
  });

  it("prefers a place that covers no curve", () => {
    const curve = heightsOf([40, 600], [100, 100]);
    const [name] = placeNames([{ x: 300, y: 100, width: 80 }], WALLS, [curve]);
    expect(Math.abs((name?.y ?? 100) - 100)).toBeGreaterThanOrEqual(LABEL_HEIGHT / 2);
    expect(name?.leader).not.toBeNull();
  });
});

describe("heightsOf", () => {
  it("fills between points, not over gaps", () => {
    const heights = heightsOf([0, 30, 60], [0, 10, Number.NaN]);
    expect(heights.get(5)?.[0]).toBeCloseTo(5);
    expect(heights.get(15)).toBeUndefined();
  });
});
