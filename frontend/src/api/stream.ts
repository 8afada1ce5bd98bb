/** A table that is read while it comes: each of its parts stands on a line of its own. */
import type { Part, TableHead } from "./types";

/** Longest time without a pause: the page stays alive while 100 MB are read. */
const MOST_MS = 30;

const PARTS = '"parts":[';
const END = "]}";

/** The lines of a body in UTF-8, as they come. */
export async function* linesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let begun = "";
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const [first = "", ...others] = value.split("\n");
    begun += first;
    for (const next of others) {
      yield begun;
      begun = next;
    }
  }
  yield begun;
}

/** Lets the browser draw a frame and answer the reader between two long steps. */
export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Takes steps one after the other, with pauses; ends early where `goesOn` says so. Returns whether all were taken. */
export async function inSteps(steps: Iterable<() => unknown>, goesOn: () => boolean = () => true): Promise<boolean> {
  let resumed = performance.now();
  for (const step of steps) {
    if (performance.now() - resumed > MOST_MS) {
      await breathe();
      resumed = performance.now();
    }
    if (!goesOn()) return false;
    step();
  }
  await breathe();
  return goesOn();
}

/** Reads a table; `take` gets its parts. Throws where the text is no table or does not come to its end. */
export async function readTable(lines: AsyncIterable<string>, take: (part: Part) => void): Promise<TableHead> {
  let head: TableHead | null = null;
  let ended = false;
  let resumed = performance.now();
  for await (const line of lines) {
    if (performance.now() - resumed > MOST_MS) {
      await breathe();
      resumed = performance.now();
    }
    if (head === null) {
      if (!line.endsWith(PARTS)) throw new Error("not a table");
      head = JSON.parse(line + END) as TableHead;
    } else if (line === END) ended = true;
    else if (line !== "") take(JSON.parse(line.startsWith(",") ? line.slice(1) : line) as Part);
  }
  if (head === null || !ended) throw new Error("not complete");
  return head;
}
