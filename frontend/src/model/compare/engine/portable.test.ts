/**
 * What Python says of generated members is what the page says, text for text.
 *
 * `TB_VERSIONS_PORTABLE` names another file of the same form; tests/contract/test_portable.py makes many.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { CompareCell, ComparePayload, CompareRow } from "../../../api/types";
import { compareMembers, type MemberFacts } from ".";

interface Golden {
  members: MemberFacts[];
  /** Without what most cells lack. */
  cells: Partial<CompareCell>[];
  /** The values of a row; the last are positions in `cells`. */
  rows: [...string[], number[]][];
  comparisons: {
    members: number[];
    baseline: number;
    goals: [string, string][];
    payload: Omit<ComparePayload, "rows" | "members"> & { rows: number[] };
  }[];
}

const GOLDEN = new URL("../../../../../tests/contract/portable.json.gz", import.meta.url);
const golden = JSON.parse(gunzipSync(readFileSync(process.env.TB_VERSIONS_PORTABLE ?? GOLDEN)).toString()) as Golden;
const FIELDS = ["group", "key", "label", "differs", "caution", "details", "cells"];
const USUAL = { absent: false, known: true, verdict: null, reasons: [], details: {} };
const DIGESTS = ["environment packages", "graph ops", "graph graph", "files files"];

const wanted = golden.rows.map((values) => ({
  ...Object.fromEntries(FIELDS.map((name, i) => [name, values[i]])),
  cells: (values.at(-1) as number[]).map((position) => ({ ...USUAL, ...golden.cells[position] })),
}));

/** Digests of long lists say only which lists are equal. */
function normalised(row: CompareRow): CompareRow {
  if (!DIGESTS.includes(`${row.group} ${row.key}`)) return row;
  const seen = [null, ...new Set(row.cells.map((cell) => cell.value).filter((value) => value !== null))];
  return { ...row, cells: row.cells.map((cell) => ({ ...cell, value: seen.indexOf(cell.value) })) };
}

test.each(golden.comparisons.map((comparison, position) => ({ position, ...comparison })))("comparison $position", (comparison) => {
  const members = comparison.members.map((place) => golden.members[place] as MemberFacts);
  const found = compareMembers(members, comparison.baseline, new Map(comparison.goals));
  const { rows, members: told, revision: _, ...rest } = found;
  expect(told).toEqual(members.map((member) => member.comparing.member));
  expect(rows.map(normalised)).toEqual(comparison.payload.rows.map((position) => wanted[position]));
  expect({ ...rest, rows: comparison.payload.rows }).toEqual(comparison.payload);
});

test("there is enough to compare", () => {
  const verdicts = new Set(golden.cells.map((cell) => cell.verdict));
  for (const verdict of ["better", "worse", "within noise", "breaking", "compatible", "different architecture", "major", "same commit"])
    expect(verdicts).toContain(verdict);
});
