/**
 * What Python says of members is what the page says, text for text.
 *
 * Of the small worlds in tests/contract; and of the file that `TB_VERSIONS_TOLD` names, which
 * tests/contract/test_portable.py makes of members by chance.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { ComparePayload, MetricDetail, PortableFacts, SharedFacts } from "../../../api/types";
import { compareMembers } from ".";
import { ABSENT, UNKNOWN } from "./cells";

type Fields = Record<string, unknown>;

interface Told {
  members: { comparing: PortableFacts; metrics: MetricDetail[]; files: Record<string, string> }[];
  shared: SharedFacts;
  comparisons: { members: number[]; baseline: number; goals: [string, string][]; payload: Fields }[];
}

const WORLDS = ["seeds", "differences", "oddities"].map(
  (name) => new URL(`../../../../../tests/contract/compare-${name}.json`, import.meta.url),
);
const { TB_VERSIONS_TOLD } = process.env;

const read = (path: URL | string): Told => JSON.parse(readFileSync(path, "utf8"));

function compared({ members, shared }: Told, { members: places, baseline, goals }: Told["comparisons"][number]): ComparePayload {
  const given = places.map((place) => members[place] as Told["members"][number]);
  const facts = given.map((each) => ({ ...each, files: new Map(Object.entries(each.files)) }));
  return compareMembers(facts, shared, { baseline, goals: new Map(goals) });
}

test.skipIf(TB_VERSIONS_TOLD).each(WORLDS)("the world $pathname", (path) => {
  const told = read(path);
  for (const comparison of told.comparisons) expect(shortened(compared(told, comparison))).toEqual(comparison.payload);
});

describe.runIf(TB_VERSIONS_TOLD)("members by chance", () => {
  const told = TB_VERSIONS_TOLD ? read(TB_VERSIONS_TOLD) : { members: [], comparisons: [], shared: {} as SharedFacts };

  test.each(told.comparisons.map((comparison, position) => ({ position, comparison })))("comparison $position", ({ comparison }) => {
    const { revision: _, ...found } = compared(told, comparison);
    expect(found).toStrictEqual(comparison.payload);
  });
});

const USUAL_ROW = { caution: null, details: {} };
const USUAL_CELL = { absent: false, known: true, verdict: null, reasons: [], details: {} };

/** As tests/contract/worlds.py shortens what is kept. */
function shortened({ members: _members, revision: _revision, rows, ...rest }: ComparePayload): Fields {
  const short = rows.map((row): Fields => {
    const cells = row.cells.map((cell) => {
      if (isLike(cell, { ...ABSENT, verdict: null })) return "absent";
      if (isLike(cell, { ...UNKNOWN, verdict: null })) return "not known";
      return without(withoutNulls(cell) as Fields, { ...USUAL_CELL, text: cell.value });
    });
    return { ...without(withoutNulls({ ...row, cells: [] }) as Fields, { ...USUAL_ROW, label: row.key }), cells };
  });
  return { ...rest, rows: short };
}

const isLike = (a: unknown, b: unknown): boolean => JSON.stringify(sortedKeys(a)) === JSON.stringify(sortedKeys(b));

const sortedKeys = (value: unknown): unknown => (isFields(value) ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : value);

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isFields(value)) return value;
  const told = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(told.map(([name, item]) => [name, withoutNulls(item)]));
}

const without = (fields: Fields, usual: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name, value]) => !(name in usual && isLike(value, usual[name]))));
