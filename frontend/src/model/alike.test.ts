import { expect, test } from "vitest";
import { alike } from "./alike";

test("what is alike stands together, in the order of the first of each", () => {
  expect(alike(["b1", "a1", "b2"], (text) => text[0] ?? "")).toEqual([["b1", "b2"], ["a1"]]);
});
