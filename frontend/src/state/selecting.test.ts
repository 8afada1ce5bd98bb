// @vitest-environment jsdom
import { signal } from "@preact/signals";
import { expect, test, vi } from "vitest";
import { Selecting } from "./selecting";

type Parts = ConstructorParameters<typeof Selecting>;

function many(found: number, references: (positions: readonly number[]) => Promise<string[]>) {
  const selected = signal(new Set<string>());
  const view = { selected, select: (ids: Iterable<string>) => void (selected.value = new Set(ids)) } as unknown as Parts[1];
  const list = { positionAt: (index: number) => (index % 100 === 0 ? -1 : index) };
  const rows = { tally: signal({ found }), list: signal(list), items: signal(null) } as unknown as Parts[2];
  const windowed = { isOn: signal(true), references } as unknown as Parts[3];
  return { selecting: new Selecting(signal(null), view, rows, windowed), selected };
}

const named = async (positions: readonly number[]): Promise<string[]> => positions.map((at) => `m:${at}`);

test("rows that the page does not have are asked for, headings between them left out", async () => {
  const { selecting, selected } = many(10_000, named);
  selected.value = new Set(["m:7"]);
  selecting.between(102, 98);
  await vi.waitFor(() => expect([...selected.value]).toEqual(["m:7", "m:98", "m:99", "m:101", "m:102"]));
});

test("too many are not asked for, and a sentence says so", async () => {
  const asked = vi.fn(named);
  const { selecting, selected } = many(1_000_000, asked);
  selecting.all();
  expect(selecting.notice.value).toBe(
    "At most 1,000 versions can be ticked at once. A filter leaves fewer; Export takes all that it finds.",
  );
  selecting.between(0, 999_999);
  expect([asked.mock.calls.length, selected.value.size]).toEqual([0, 0]);
});

test("all of a thousand are ticked", async () => {
  const { selecting, selected } = many(1000, named);
  selecting.all();
  await vi.waitFor(() => expect(selected.value.size).toBe(1000));
});

test("what came too late ticks nothing", async () => {
  let late = (_: string[]): void => undefined;
  const answers = [new Promise<string[]>((resolve) => (late = resolve)), Promise.resolve(["m:2"])];
  const { selecting, selected } = many(10, () => answers.shift() as Promise<string[]>);
  selecting.between(1, 1);
  selecting.between(2, 2);
  await vi.waitFor(() => expect([...selected.value]).toEqual(["m:2"]));
  late(["m:1"]);
  await Promise.resolve();
  expect([...selected.value]).toEqual(["m:2"]);
});

test("an error is said", async () => {
  const { selecting } = many(10, () => Promise.reject(new Error("It took too long.")));
  selecting.all();
  await vi.waitFor(() => expect(selecting.notice.value).toBe("It took too long."));
});
