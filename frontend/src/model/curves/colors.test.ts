import { describe, expect, test } from "vitest";
import { memberColors, memberPalette } from "./colors";

const FOUR = ["a", "b", "c", "d"];

describe("each member of a comparison has a colour of its own", () => {
  test("its run's, where no other member asks for it", () => {
    expect(memberColors(["c", "a", "b"], FOUR)).toEqual(["c", "a", "b"]);
  });

  test("else the next free one, and those that ask for their own keep it", () => {
    expect(memberColors(["a", "a", "b"], FOUR)).toEqual(["a", "c", "b"]);
    expect(memberColors(["d", "d", "d"], FOUR)).toEqual(["d", "a", "b"]);
    expect(memberColors([null, "a", null], FOUR)).toEqual(["b", "a", "c"]);
  });

  test("as long as there are enough", () => {
    expect(new Set(memberColors(Array(4).fill("a"), FOUR)).size).toBe(4);
    expect(memberColors(Array(9).fill("a"), FOUR)).toHaveLength(9);
  });

  test.each([false, true])("the palette begins with TensorBoard's and repeats nothing, dark: %s", (dark) => {
    const colors = memberPalette(dark);
    expect(new Set(colors).size).toBe(colors.length);
    expect(colors.length).toBeGreaterThanOrEqual(12);
    expect(colors[1]).toBe("#12b5cb");
  });
});
