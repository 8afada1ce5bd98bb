/** The comparison that pytest agreed to is what these models read. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compareMembers } from "./engine";
import { exportsOf, firstTags, runsOf } from "./pictures";
import { chipOf } from "./verdicts";

const GOLDEN = new URL("../../../../tests/contract/compare-seeds.json", import.meta.url);
const { members, shared, comparisons } = JSON.parse(readFileSync(GOLDEN, "utf-8"));
const facts = members.map((member: { files: Record<string, string> }) => ({ ...member, files: new Map(Object.entries(member.files)) }));
const payload = compareMembers(facts, shared, { baseline: 0, goals: new Map(comparisons[0].goals) });

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
