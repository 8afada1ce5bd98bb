import { describe, expect, it } from "vitest";
import { drawCurve } from "./curve";

const BOX = { width: 100, height: 20, pad: 0 };

describe("drawCurve", () => {
  it("spans the box, high values on top", () => {
    const drawing = drawCurve([0, 10], [1, 2], BOX, 5);
    expect(drawing?.path).toBe("M0.0 20.0L100.0 0.0");
    expect(drawing?.marker).toEqual({ x: 50, y: 10 });
  });

  it("lifts the pen where a value is no number", () => {
    expect(drawCurve([0, 1, 2, 3, 4], [1, 1, "NaN", 1, 1], BOX, null)?.path.match(/M/g)).toHaveLength(2);
  });

  it("has nothing to draw from fewer than two numbers", () => {
    expect(drawCurve([], [], BOX, null)).toBeNull();
    expect(drawCurve([1, 2], [1, "Infinity"], BOX, null)).toBeNull();
  });

  it("draws a constant in the middle, and survives the largest doubles", () => {
    expect(drawCurve([0, 1], [3, 3], BOX, null)?.path).toBe("M0.0 10.0L100.0 10.0");
    expect(drawCurve([0, 1], [-1.7e308, 1.7e308], BOX, null)?.path).toBe("M0.0 20.0L100.0 0.0");
  });

  it("does not mark what is outside of the curve", () => {
    expect(drawCurve([10, 20], [1, 2], BOX, 30)?.marker).toBeNull();
    expect(drawCurve([10, 20], [1, 2], BOX, 5)?.marker).toBeNull();
    expect(drawCurve([10, 20], [1, 2], BOX, 10)?.marker).toEqual({ x: 0, y: 20 });
  });

  it("keeps the extremes of a long curve", () => {
    const steps = [...Array(100_000).keys()];
    const values = steps.map((step) => (step === 54_321 ? 9 : 0));
    const path = drawCurve(steps, values, BOX, null)?.path ?? "";
    expect(path.length).toBeLessThan(4000);
    expect(path).toMatch(/ 0\.0/);
  });
});
