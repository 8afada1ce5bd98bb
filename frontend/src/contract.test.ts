/** The golden answer that pytest checks the server against; here the page reads it. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { VersionsPayload } from "./api/types";
import { tableOf } from "./model/testing";
import { plainText } from "./table/text";

const GOLDEN = new URL("../../tests/contract/versions.json", import.meta.url);

test.runIf(existsSync(GOLDEN))("the golden answer is a table", () => {
  const payload = JSON.parse(readFileSync(GOLDEN, "utf8")) as VersionsPayload;
  expect(payload.schema_version).toBe(2);
  const table = tableOf(payload);
  expect(table.count).toBe(payload.blocks.reduce((sum, { rows }) => sum + rows, 0));
  for (const column of table.columns.values()) {
    expect(column.cells.values).toHaveLength(table.count);
    for (let row = 0; row < table.count; row++) expect(typeof plainText(table, column, row, 0)).toBe("string");
  }
});
