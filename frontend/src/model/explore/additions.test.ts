import { expect, test } from "vitest";
import { additions, type Drawn } from "./additions";
import type { Coloring } from "./color";

const coloring = (...codes: number[]): Coloring =>
  ({ codes: Uint8Array.from(codes), palette: ["grey", "red", "blue"] }) as unknown as Coloring;

function drawn(ids: string[], places: number[], codes = ids.map(() => 1)): Drawn {
  return { ids, rows: Uint32Array.from(ids.keys()), places: [Float32Array.from(places)], coloring: coloring(...codes) };
}

const before = drawn(["a:1", "a:2", "b:1"], [1, 2, 3]);

test("only what came is drawn, wherever in the table it stands", () => {
  expect(additions(before, drawn(["a:1", "a:2", "a:3", "b:1", "c:1"], [1, 2, 9, 3, 9]))).toEqual([2, 4]);
  expect(additions(before, drawn(["a:1", "a:2", "b:1"], [1, 2, 3]))).toEqual([]);
});

test("where a version went, moved or has another colour, all is drawn", () => {
  expect(additions(before, drawn(["a:1", "b:1"], [1, 3]))).toBeNull();
  expect(additions(before, drawn(["a:1", "a:2", "a:3", "b:1"], [1, 2, 9, 4]))).toBeNull();
  expect(additions(before, drawn(["a:1", "a:2", "b:1"], [1, 2, 3], [1, 2, 1]))).toBeNull();
  expect(additions(before, { ...before, places: [...before.places, ...before.places] })).toBeNull();
  const many = Array.from({ length: 501 }, (_, at) => `c:${at}`);
  expect(additions(before, drawn(["a:1", "a:2", "b:1", ...many], [1, 2, 3, ...many.map(() => 0)]))).toBeNull();
});
