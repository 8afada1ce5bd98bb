/** The golden answer that pytest writes is what these models read. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ComparePayload } from "../../api/types";
import { exportsOf, firstTags, runsOf } from "./pictures";
import { chipOf } from "./verdicts";

const GOLDEN = new URL("../../../../tests/contract/compare.json", import.meta.url);
const payload = JSON.parse(readFileSync(GOLDEN, "utf-8")) as ComparePayload;

test("every row has a cell for each member, and every verdict words", () => {
  expect(payload.rows.length).toBe(payload.differing + payload.equal);
  for (const row of payload.rows) {
    expect(row.cells).toHaveLength(payload.members.length);
    for (const cell of row.cells) if (row.group === "metrics" && "judgement" in cell.details) expect(chipOf(row, cell)?.words).toBeTruthy();
  }
});

test("exports have their run, step and value, and charts begin with their tags", () => {
  const runs = runsOf(payload.members);
  const tags = firstTags(payload);
  for (const each of exportsOf(payload)) {
    expect(payload.members[each.member]?.runs.map((run) => run.name)).toContain(each.run);
    expect(Number.isInteger(each.step)).toBe(true);
  }
  expect(exportsOf(payload).length).toBeGreaterThan(0);
  expect(tags.length).toBeGreaterThan(0);
  expect(runs.length).toBeGreaterThan(0);
});
