import { describe, expect, it } from "vitest";
import { arrange, samePoints, sentence } from "./points";
import { point } from "./testing";

const ACCURACY = { key: "val_accuracy", goal: "max" } as const;

describe("arrange", () => {
  it("sorts by number and finds the best", () => {
    const picture = arrange(ACCURACY, [point("digits", 14, 0.98), point("digits", 2, 0.91), point("digits", 12, 0.987)]);
    expect(picture.numbers).toEqual([2, 12, 14]);
    expect(picture.lines[0]?.best?.id).toBe("digits:12");
    expect(sentence(ACCURACY, picture)).toBe("val_accuracy of 3 versions of digits, from 0.9100 to 0.9870; best is version 12");
  });

  it("no version is best while a value comes from a sample of its curve", () => {
    const picture = arrange(ACCURACY, [point("digits", 1, 0.98), { ...point("digits", 2, 0.99), sampled: true }]);
    expect(picture.lines[0]?.best).toBeNull();
    expect(sentence(ACCURACY, picture)).not.toContain("best");
  });

  it("the lowest is best where lower is better, and none where nobody knows", () => {
    const points = [point("a", 1, 3), point("a", 2, 1)];
    expect(arrange({ key: "loss", goal: "min" }, points).lines[0]?.best?.number).toBe(2);
    expect(arrange({ key: "x", goal: "unknown" }, points).lines[0]?.best).toBeNull();
    expect(sentence({ key: "x", goal: "unknown" }, arrange({ key: "x", goal: "unknown" }, points))).toBe(
      "x of 2 versions of a, from 1 to 3",
    );
  });

  it("models share the places of equal numbers", () => {
    const picture = arrange(ACCURACY, [point("a", 1, 1), point("b", 2, 2), point("b", 1, 1)]);
    expect(picture.lines.map((line) => line.model)).toEqual(["b", "a"]);
    expect(picture.lines.flatMap(({ points }) => points.map(picture.x))).toEqual([0, 1, 0]);
    expect(sentence(ACCURACY, picture)).toContain("3 versions of 2 models");
  });

  it("a metric of the same name in another model is another metric: each model has its own best", () => {
    const picture = arrange(ACCURACY, [point("a", 1, 0.5), point("a", 2, 0.6), point("b", 1, 0.9), point("b", 2, 0.8), point("c", 1, 1)]);
    expect(picture.lines.map((line) => line.best?.id)).toEqual(["a:2", "b:1", undefined]);
    expect(sentence(ACCURACY, picture)).toContain("best of their models are a 2, b 1");
  });

  it("leaves out what can't be drawn, and says so when nothing is left", () => {
    const picture = arrange(ACCURACY, [point("a", 1, Number.NaN), point("a", 2, Number.POSITIVE_INFINITY)]);
    expect(picture.count).toBe(0);
    expect(sentence(ACCURACY, picture)).toBe("No version has a value of val_accuracy.");
    expect(sentence(ACCURACY, arrange(ACCURACY, [point("a", 7, 0.5)]))).toBe("val_accuracy of version 7 of a: 0.5000");
  });
});

describe("samePoints", () => {
  it("compares what is drawn", () => {
    const points = () => [point("a", 1, Number.NaN), point("a", 2, 0.5)];
    expect(samePoints(points(), points())).toBe(true);
    expect(samePoints(points(), points().slice(1))).toBe(false);
    expect(samePoints(points(), [point("a", 1, Number.NaN), point("a", 2, 0.6)])).toBe(false);
    expect(samePoints(points(), [point("a", 1, Number.NaN), { ...point("a", 2, 0.5), color: "#fff" }])).toBe(false);
  });
});
