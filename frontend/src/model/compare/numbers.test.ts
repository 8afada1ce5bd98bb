/** Numbers as Python writes them. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { amountText, numberText, percent, significant, wholeOf } from "./numbers";

describe("numbers", () => {
  test.each([
    [0.9516, "0.9516"],
    [12344.5, "12344"],
    [12345.5, "12346"],
    [123456, "1.2346e+05"],
    [0.00012345, "0.00012345"],
    [0.000012345, "1.2345e-05"],
    [-0, "-0"],
    [0.999996, "0.999996"],
    [-0.9999999, "-0.9999999"],
    [1.000001, "1"],
    [5e-324, "4.9407e-324"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-∞"],
  ])("%s is %s: ties go to the even digit, exponents have two digits", (value, text) => expect(numberText(value)).toBe(text));

  test("shares and halves", () => {
    expect([0.008, 0.999, 1.125, 1e307].map(percent)).toEqual(["0.8 %", "99.9 %", "112 %", "over 1,000,000 %"]);
    expect([0.5, 1.5, 2.5, 1e20].map(wholeOf)).toEqual([0n, 2n, 2n, 10n ** 20n]);
    expect(significant(0.1 + 0.2, 12)).toBe("0.3");
  });
});

const GOLDEN = new URL("../../../../tests/contract/amounts.json", import.meta.url);
const golden = JSON.parse(readFileSync(GOLDEN, "utf8")) as Record<string, [number, number, string][]>;

test.each(Object.entries(golden))("amounts of metrics with the goal %s are what pytest agreed to", (goal, amounts) => {
  for (const [base, value, text] of amounts) expect([base, value, amountText(base, value, goal)]).toEqual([base, value, text]);
});
