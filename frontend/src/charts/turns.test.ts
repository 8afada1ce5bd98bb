import { afterEach, expect, test, vi } from "vitest";
import { giveUpTurn, inTurn } from "./turns";

afterEach(() => vi.unstubAllGlobals());

test("draws one chart in every second frame: the newest drawing of each, in its old place, and none that was cancelled", () => {
  const frames: (() => void)[] = [];
  vi.stubGlobal("requestAnimationFrame", (callback: () => void) => frames.push(callback));
  const drawn: string[] = [];
  const pass = (count: number): void => {
    for (let i = 0; i < count; i++) frames.shift()?.();
  };
  const [a, b, c] = [{}, {}, {}];
  inTurn(a, () => drawn.push("old a"));
  inTurn(b, () => drawn.push("b"));
  inTurn(c, () => drawn.push("c"));
  inTurn(a, () => drawn.push("a"));
  giveUpTurn(b);
  expect(drawn).toEqual([]);
  pass(1);
  expect(drawn).toEqual(["a"]);
  pass(1);
  expect(drawn).toEqual(["a"]);
  // What throws takes nobody's turn.
  inTurn(a, () => {
    throw new Error("no canvas");
  });
  pass(2);
  expect(() => pass(1)).toThrow("no canvas");
  expect(drawn).toEqual(["a", "c"]);
  expect(frames).toEqual([]);
  inTurn(b, () => drawn.push("b again"));
  pass(1);
  expect(drawn).toEqual(["a", "c", "b again"]);
});
