/**
 * Filters and orders that chance made: the page finds the rows that the engine found, in its order, and says its errors.
 * `tests/browser/test_filters_by_chance.py` makes both and runs this.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { VersionsPayload } from "../../api/types";
import { compile } from "../query/compile";
import { sortRows } from "../sort";
import { tableOf } from "../testing";
import { columnName } from "./question";

interface Asked {
  now: number;
  asked: { filter: string; sort: string[]; ids?: string[]; error?: string; at?: number; end?: number }[];
}

const made = process.env.TB_VERSIONS_CHANCE;

function read<T>(name: string): T {
  return JSON.parse(readFileSync(`${made}/${name}.json`, "utf8")) as T;
}

describe.skipIf(!made)("filters by chance", () => {
  test("page and engine agree", () => {
    const table = tableOf(read<VersionsPayload>("table"));
    const { now, asked } = read<Asked>("asked");

    const idOf = (name: string): string => {
      const known = [...table.columns.keys()].find((id) => columnName(id) === name);
      return known ?? ["m:", "hp:", "label:"].map((kind) => kind + name).find((id) => table.columns.has(id)) ?? name;
    };
    const answer = (filter: string, sort: string[]): object => {
      const { predicate, error } = compile(filter, table, now);
      if (error) return { error: error.message, at: error.at, end: error.end };
      const rows = Uint32Array.from(table.ids.keys()).filter((row) => !predicate || predicate(row));
      const keys = sort.map((name) => ({ id: idOf(name.replace(/^-/, "")), desc: name.startsWith("-") }));
      return { ids: Array.from(sortRows(table, rows, keys), (row) => table.ids[row]) };
    };

    expect(asked.length).toBeGreaterThan(0);
    for (const { filter, sort, ...engine } of asked) {
      expect({ filter, sort, ...answer(filter, sort) }).toEqual({ filter, sort, ...engine });
    }
  });
});
