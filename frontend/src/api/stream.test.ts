import { expect, test } from "vitest";
import { linesOf, readTable } from "./stream";
import type { Part } from "./types";

const ANSWER = '{"revision":"r1","status":"ready","parts":[\n{"digest":"a","columns":{"id":["é:1"]}}\n,{"digest":"b","columns":{}}\n]}';

/** A body that comes in pieces of some bytes, which may cut a character. */
function body(text: string, size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

async function read(text: string, size = 1000) {
  const parts: Part[] = [];
  const head = await readTable(linesOf(body(text, size)), (part) => parts.push(part));
  return { head, parts };
}

test.each([1, 2, 3, 7, 64, 1000])("a table is read however it comes in: %s bytes at once", async (size) => {
  const { head, parts } = await read(ANSWER, size);
  expect(head).toEqual({ revision: "r1", status: "ready", parts: [] });
  expect(parts).toEqual(JSON.parse(ANSWER).parts);
});

test("an answer without news has no parts", async () => {
  expect((await read('{"revision":"r2","parts":[\n]}')).parts).toEqual([]);
});

test("what does not come to its end is no table", async () => {
  for (let end = 0; end < ANSWER.length; end++) await expect(read(ANSWER.slice(0, end))).rejects.toThrow();
});

test.each(["", "[]", "<html>\n</html>", '{"error":"x"}', '{"parts":[]}'])("another answer is no table: %s", async (text) => {
  await expect(read(text)).rejects.toThrow();
});
