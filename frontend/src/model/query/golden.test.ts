/** The filters that pytest checks the Python side against: both sides find the same versions and say the same. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { VersionsPayload } from "../../api/types";
import { tableOf } from "../testing";
import { compile } from "./compile";

interface Agreed {
  now: number;
  time_zone: string;
  filters: { filter: string; finds?: string[]; error?: string; at?: number; end?: number; fix?: string | null }[];
}

function contract<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../../tests/contract/${name}`, import.meta.url), "utf8")) as T;
}

const table = tableOf(contract<VersionsPayload>("versions.json"));
const agreed = contract<Agreed>("filters.json");

describe("filters find what was agreed", () => {
  const zone = process.env.TZ;
  beforeAll(() => {
    process.env.TZ = agreed.time_zone;
  });
  afterAll(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  test.each(agreed.filters)("$filter", ({ filter, ...answer }) => {
    const { predicate, error } = compile(filter, table, agreed.now);
    if (error) expect({ ...error, error: error.message }).toMatchObject(answer);
    else expect({ finds: table.ids.filter((_, row) => !predicate || predicate(row)) }).toEqual(answer);
  });
});
