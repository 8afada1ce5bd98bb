import { expect, test } from "vitest";
import { standingWords } from "./words";

const NOW = 1_800_000_000_000;
const standing = { rows: 10, indexed: NOW - 3 * 60_000, newer: 12, gone: 3, looked: NOW, problem: "" };

test("the age of a table is said, and what was read beside it", () => {
  expect(standingWords(standing, NOW)).toBe("indexed 3 min ago, 12 newer read from the files, 3 gone");
  expect(standingWords({ ...standing, newer: 0, gone: 0, looked: null }, NOW)).toBe("indexed 3 min ago, not looked for newer ones");
  expect(standingWords({ ...standing, indexed: NOW - 30_000, newer: 0, gone: 0 }, NOW)).toBe("indexed just now");
  expect(standingWords({ ...standing, indexed: NOW - 5 * 3_600_000, newer: 0, gone: 0 }, NOW)).toBe("indexed 5 h ago");
  expect(standingWords({ ...standing, indexed: NOW - 9 * 86_400_000, newer: 0, gone: 0 }, NOW)).toBe("indexed 9 days ago");
  expect(standingWords({ ...standing, indexed: null, newer: 0, gone: 0 }, NOW)).toBe("indexed, it is not known when");
});
