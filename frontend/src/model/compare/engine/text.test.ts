/** Texts as Python writes them. */
import { describe, expect, test } from "vitest";
import { numberText, percent, significant, sorted, visible, wholeOf } from "./text";

describe("numbers", () => {
  test.each([
    [0.9516, "0.9516"],
    [12344.5, "12344"],
    [12345.5, "12346"],
    [123456, "1.2346e+05"],
    [0.00012345, "0.00012345"],
    [0.000012345, "1.2345e-05"],
    [-0, "-0"],
    [5e-324, "4.9407e-324"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-∞"],
  ])("%s is %s: ties go to the even digit, exponents have two digits", (value, text) => expect(numberText(value)).toBe(text));

  test("shares and halves", () => {
    expect([0.008, 0.999, 1.125, 1e307].map(percent)).toEqual(["0.8 %", "1e+02 %", "112 %", "∞ %"]);
    expect([0.5, 1.5, 2.5, 1e20].map(wholeOf)).toEqual([0n, 2n, 2n, 10n ** 20n]);
    expect(significant(0.1 + 0.2, 12)).toBe("0.3");
  });
});

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
