/** Texts as Python writes them. */
import { describe, expect, test } from "vitest";
import { sorted, visible } from "./text";

describe("texts", () => {
  test("hidden characters are spelled out; a joiner inside a text is none, unless another is there", () => {
    expect(["a\u202eb", "\u200da", "a\u200db", "a\u200d\u202e"].map(visible)).toEqual([
      "a\\u{202e}b",
      "\\u{200d}a",
      "a\u200db",
      "a\\u{200d}\\u{202e}",
    ]);
  });

  test("the order is that of code points", () => {
    expect(sorted(["\u{1f600}", "\ue000", "b", "B"])).toEqual(["B", "b", "\ue000", "\u{1f600}"]);
  });
});
