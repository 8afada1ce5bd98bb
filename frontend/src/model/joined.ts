/** Columns of all blocks, put together. Pure. */
import type { Coded, Value } from "../api/types";
import type { Block, KnownMetric, KnownPart, NumberCells, Sources } from "./parts";
import { isSource } from "./sources";

/** What a column follows from: the parts that have some of it, block by block. */
export function sourcesOf(blocks: Block[], of: (part: KnownPart) => unknown): unknown[] {
  return blocks.flatMap(({ rows, parts }) => [rows, ...parts.filter((part) => of(part) !== undefined)]);
}

/** A column of each block, one behind the other; `fill` where a block has none. */
export function joined<T>(blocks: Block[], of: (part: KnownPart) => T[] | undefined, fill: T): T[] {
  return ([] as T[]).concat(...blocks.map(({ rows, parts }) => first(parts, of) ?? new Array<T>(rows).fill(fill)));
}

function first<T>(parts: KnownPart[], of: (part: KnownPart) => T | undefined): T | undefined {
  for (const part of parts) {
    const found = of(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function joinedCodes(blocks: Block[], of: (part: KnownPart) => Coded | undefined): Coded {
  const index = new Map<string, number>();
  const codes = blocks.map(({ rows, parts }) => {
    const own = first(parts, of);
    if (!own) return new Array<number>(rows).fill(-1);
    for (const text of own.values) if (!index.has(text)) index.set(text, index.size);
    const whole = own.values.map((text) => index.get(text) as number);
    return own.codes.map((code) => whole[code] ?? -1);
  });
  return { values: [...index.keys()], codes: ([] as number[]).concat(...codes) };
}

/** Numbers of each block; where several parts of a block have some, the first that has one for a row. */
export function joinedNumbers(blocks: Block[], of: (part: KnownPart) => NumberCells | undefined): NumberCells {
  const count = blocks.reduce((sum, { rows }) => sum + rows, 0);
  const values = new Float64Array(count).fill(Number.NaN);
  const absent = new Uint8Array(count).fill(1);
  let start = 0;
  for (const { rows, parts } of blocks) {
    let isFirst = true;
    for (const own of parts.flatMap((part) => of(part) ?? [])) {
      if (isFirst) {
        values.set(own.values, start);
        absent.set(own.absent, start);
      } else fillUp(values.subarray(start, start + rows), absent.subarray(start, start + rows), own);
      isFirst = false;
    }
    start += rows;
  }
  return { kind: "number", values, absent };
}

function fillUp(values: Float64Array, absent: Uint8Array, more: NumberCells): void {
  for (let row = 0; row < absent.length; row++) {
    if (!absent[row] || more.absent[row]) continue;
    values[row] = more.values[row] as number;
    absent[row] = 0;
  }
}

/**
 * Where the values at export of all rows are from. A part that has a source has it for each of its values. `isPart`: there
 * are more rows than these, which may have other sources.
 */
export function joinedSources(blocks: Block[], of: (part: KnownPart) => KnownMetric | undefined, isPart = false): Sources {
  const own = blocks.map(({ parts }) => parts.flatMap((part) => of(part) ?? []).filter(({ source }) => source !== undefined));
  const values = [...new Set(own.flat().flatMap(({ source }) => (typeof source === "string" ? [source] : (source?.values ?? []))))].filter(
    isSource,
  );
  if (values.length < 2 && !isPart) return { values, codes: null };
  const codes = new Uint8Array(blocks.reduce((sum, { rows }) => sum + rows, 0)).fill(NO_SOURCE);
  let start = 0;
  for (const [at, { rows }] of blocks.entries()) {
    for (const { source, at_export } of own[at] ?? []) {
      const text = (row: number): string | undefined => (typeof source === "string" ? source : source?.values[source.codes[row] ?? -1]);
      for (let row = 0; row < rows; row++) {
        if (codes[start + row] !== NO_SOURCE || (at_export?.absent[row] ?? 1) === 1) continue;
        const place = (values as string[]).indexOf(text(row) ?? "");
        if (place >= 0) codes[start + row] = place;
      }
    }
    start += rows;
  }
  return { values, codes };
}

/** Behind every list of sources. */
const NO_SOURCE = 255;

/** A hyperparameter or a label; where several parts of a block have it, the first that has a value for a row. */
export function joinedValues(blocks: Block[], of: (part: KnownPart) => NumberCells | Value[] | undefined): NumberCells | Value[] {
  const own = blocks.map(({ parts }) => parts.map(of).filter((each) => each !== undefined));
  if (own.every((several) => several.every((each) => "kind" in each))) {
    return joinedNumbers(blocks, (part) => of(part) as NumberCells | undefined);
  }
  const lists = own.map((several, at) => {
    const values = several.map(listed);
    return Array.from({ length: blocks[at]?.rows ?? 0 }, (_, row): Value => values.find((each) => each[row] != null)?.[row] ?? null);
  });
  return ([] as Value[]).concat(...lists);
}

function listed(values: NumberCells | Value[]): Value[] {
  return "kind" in values ? Array.from(values.values, (value, row) => (values.absent[row] ? null : value)) : values;
}

/** Lists of positions, each part's own turned into those of the table; equal ones are one object. */
export function joinedPlaces(
  blocks: Block[],
  of: (part: KnownPart) => number[][] | undefined,
  places: (part: KnownPart) => readonly number[],
): number[][] {
  const lists = blocks.map(({ rows, parts }) => {
    const part = parts.find((each) => of(each) !== undefined);
    if (!part) return new Array<number[]>(rows).fill([]);
    const whole = places(part);
    const made = new Map<string, number[]>();
    return (of(part) as number[][]).map((own) => {
      const key = own.join();
      const known = made.get(key) ?? own.map((at) => whole[at] ?? -1);
      made.set(key, known);
      return known;
    });
  });
  return ([] as number[][]).concat(...lists);
}
