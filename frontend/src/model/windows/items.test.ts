import { describe, expect, test } from "vitest";
import { AWAY } from "../group";
import { windowedItems } from "./items";
import { KeptWindows, WINDOW, windowsOf } from "./kept";

const stretches = [
  { position: 0, row: 3, count: 2 },
  { position: 6, row: 0, count: 3 },
];
const all = (items: ReturnType<typeof windowedItems>): (number | undefined)[] =>
  Array.from({ length: items.length }, (_, at) => items.at(at));

describe("a list of which some windows are there", () => {
  const items = windowedItems({ found: 10, stretches, groups: null, folded: new Set(), order: "a" });

  test("has a place for every row that was found", () => {
    expect(all(items)).toEqual([3, 4, AWAY, AWAY, AWAY, AWAY, 0, 1, 2, AWAY]);
    expect([items.at(-1), items.at(10)]).toEqual([undefined, undefined]);
  });

  test("finds the place of a row, and none of a row that stands beside it", () => {
    expect([3, 4, 0, 2, 5].map((row) => items.placeOf(row))).toEqual([0, 1, 6, 8, -1]);
    expect(items.placeOf(Number.NaN)).toBe(-1);
  });

  test("knows positions", () => {
    expect([-1, 0, 9, 10].map((index) => items.positionAt(index))).toEqual([-1, 0, 9, -1]);
  });
});

describe("with groups", () => {
  const groups = [
    { name: "a", count: 4 },
    { name: null, count: 2 },
    { name: "b", count: 4 },
  ];
  const list = (...folded: string[]) => windowedItems({ found: 10, stretches, groups, folded: new Set(folded), order: "" });

  test("headings stand before their rows", () => {
    expect(all(list())).toEqual([-1, 3, 4, AWAY, AWAY, -2, AWAY, AWAY, -3, 0, 1, 2, AWAY]);
    expect(list().groups.map(({ key, count, folded }) => [key, count, folded])).toEqual([
      ["=a", 4, false],
      ["", 2, false],
      ["=b", 4, false],
    ]);
  });

  test("of a folded group only the heading is there", () => {
    const items = list("=a", "");
    expect(all(items)).toEqual([-1, -2, -3, 0, 1, 2, AWAY]);
    expect([-1, -2, -3, 0, 2, 3].map((item) => items.placeOf(item))).toEqual([0, 1, 2, 3, 5, -1]);
    expect([0, 1, 2, 3, 6].map((index) => items.positionAt(index))).toEqual([-1, -1, -1, 6, 9]);
  });

  test("very many rows under very many headings answer at once", () => {
    const many = Array.from({ length: 20_000 }, (_, at) => ({ name: `m${at}`, count: 500 }));
    const items = windowedItems({ found: 10_000_000, stretches: [], groups: many, folded: new Set(), order: "" });
    expect(items.length).toBe(10_020_000);
    expect([items.at(501), items.at(10_019_999), items.positionAt(10_019_999)]).toEqual([-2, AWAY, 9_999_999]);
  });
});

describe("windows", () => {
  test("are those that have the positions", () => {
    expect(windowsOf([0, WINDOW - 1, 5 * WINDOW, -1, 3])).toEqual([0, 5]);
    expect(windowsOf([])).toEqual([]);
  });

  test("are dropped when many others were wanted, but never one that is wanted now", () => {
    const kept = new KeptWindows<string>();
    for (let number = 0; number < 40; number++) {
      kept.put(number, `w${number}`);
      kept.want([0, number]);
    }
    expect(kept.size).toBe(24);
    expect(kept.get(0)).toBe("w0");
    expect([kept.has(1), kept.has(39)]).toEqual([false, true]);
    expect(kept.inOrder().map(([number]) => number)).toEqual([0, ...Array.from({ length: 23 }, (_, at) => 17 + at)]);
  });
});
