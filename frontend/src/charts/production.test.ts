import { describe, expect, test } from "vitest";
import { holdersOf } from "../model/registry/holders";
import { BEGIN, DAY, history } from "../model/registry/sample";
import { arrange } from "./points";
import { productionLines, productionWords } from "./production";
import { point } from "./testing";

const at = (day: number): number => BEGIN + day * DAY;

describe("production", () => {
  const held = holdersOf(history(), "production");

  test("is told in words, the newest first", () => {
    expect(productionWords("digits", held)).toBe("production of digits: 2 now; before it 10, 2, 1");
    expect(productionWords("digits", [])).toBe("");
  });

  test("is a line of steps over time; a holder that is not drawn leaves a gap", () => {
    const points = [point("digits", 1, 0.5), point("digits", 2, 0.75)].map((each) => ({ ...each, created: at(0) }));
    const picture = arrange({ key: "acc", goal: "max" }, points, at(20));
    const [line] = productionLines(picture, new Map([["digits", held]]), at(20));
    expect(line?.steps).toEqual([
      [at(1), 0.5],
      [at(3), 0.5],
      [at(3), 0.75],
      [at(4), 0.75],
      ["-", "-"],
      [at(5), 0.75],
      [at(20), 0.75],
    ]);
  });

  test("is the value of today's over versions", () => {
    const points = [point("digits", 1, 0.5), point("digits", 2, 0.75, { aliases: ["production"] }), point("digits", 3, 0.7)];
    const lines = productionLines(arrange({ key: "acc", goal: "max" }, points), null, 0);
    expect(lines.map(({ steps }) => steps)).toEqual([
      [
        [0, 0.75],
        [2, 0.75],
      ],
    ]);
  });
});
