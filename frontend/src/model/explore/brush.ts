/** Ranges that a reader drew in a chart: one more filter, beside the query and the facets. Pure. */
import { type Column, isAbsent, type Table } from "../columns";
import { ABSENT, formatDate } from "../format";
import { decoded } from "../packing";
import type { Predicate } from "../rows";

/** What has no place on a scale: absent, not a number, and the two infinities. */
export type Special = "none" | "nan" | "low" | "high";

export const SPECIAL_NAMES: Readonly<Record<Special, string>> = { none: ABSENT, nan: "NaN", low: "−∞", high: "∞" };

/** One column's part of it: a version passes with a number inside, with one of the texts, or with one of the specials. */
export interface Brush {
  /** Of the column: "m:val_accuracy". */
  id: string;
  range: readonly [number, number] | null;
  texts: readonly string[];
  specials: readonly Special[];
}

export const NO_BRUSH: Omit<Brush, "id"> = { range: null, texts: [], specials: [] };

export function isEmpty(brush: Brush): boolean {
  return brush.range === null && brush.texts.length === 0 && brush.specials.length === 0;
}

export function specialOf({ cells }: Column, row: number): Special | null {
  if (cells.kind !== "number") return isAbsent(cells, row) ? "none" : null;
  const value = cells.values[row] as number;
  if (Number.isFinite(value)) return null;
  if (cells.absent[row]) return "none";
  return Number.isNaN(value) ? "nan" : value > 0 ? "high" : "low";
}

/** A cell of a column of texts, or of texts, numbers and bools. */
export function textOf({ cells }: Column, row: number): string {
  return String(cells.values[row] ?? "");
}

function test(column: Column, brush: Brush): Predicate {
  const specials = new Set(brush.specials);
  const off = (row: number): boolean | null => {
    const special = specialOf(column, row);
    return special === null ? null : specials.has(special);
  };
  if (column.cells.kind !== "number") {
    const texts = new Set(brush.texts);
    return (row) => off(row) ?? texts.has(textOf(column, row));
  }
  const { values } = column.cells;
  const [low, high] = brush.range ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return (row) => off(row) ?? ((values[row] as number) >= low && (values[row] as number) <= high);
}

/** null where no brush applies; a brush on a column that the table does not have is ignored. */
export function brushTest(table: Table, brushes: readonly Brush[]): Predicate | null {
  const tests = brushes.flatMap((brush) => {
    const column = table.columns.get(brush.id);
    return column && column.cells.kind !== "list" ? [test(column, brush)] : [];
  });
  return tests.length === 0 ? null : (row) => tests.every((each) => each(row));
}

/** Replaces the brush of a column; one without limits is removed. */
export function withBrush(brushes: readonly Brush[], ...changed: readonly Brush[]): Brush[] {
  const ids = new Set(changed.map((brush) => brush.id));
  return [...brushes.filter((brush) => !ids.has(brush.id)), ...changed.filter((brush) => !isEmpty(brush))];
}

const numberIn = (column: Column | undefined, value: number): string =>
  column?.role === "date" ? formatDate(value) : String(Number(value.toPrecision(6)));

/** "0.93 – 0.97 or –": what the brush lets through, for a chip. */
export function brushWords(column: Column | undefined, { range, texts, specials }: Brush): string {
  const words = [...texts, ...specials.map((special) => SPECIAL_NAMES[special])];
  if (range) words.unshift(`${numberIn(column, range[0])} – ${numberIn(column, range[1])}`);
  const shown = words.length > 4 ? [...words.slice(0, 3), `${words.length - 3} more`] : words;
  return shown.join(" or ");
}

const escaped = (text: string): string => text.replace(/[%,>|]/g, encodeURIComponent);

/** "m:loss>0.1~0.3|!none,hp:optimizer>=adam|=sgd". */
export function packBrushes(brushes: readonly Brush[]): string {
  return brushes
    .map(({ id, range, texts, specials }) => {
      const parts = [
        ...(range ? [`${range[0]}~${range[1]}`] : []),
        ...texts.map((text) => `=${escaped(text)}`),
        ...specials.map((each) => `!${each}`),
      ];
      return `${escaped(id)}>${parts.join("|")}`;
    })
    .join(",");
}

function rangeOf(part: string): [number, number] | null {
  const [low = Number.NaN, high = Number.NaN] = part.split("~").map((text) => (text === "" ? Number.NaN : Number(text)));
  return low <= high ? [low, high] : null;
}

const isSpecial = (name: string): name is Special => name in SPECIAL_NAMES;

export function unpackBrushes(text: string | undefined): Brush[] {
  const brushes = (text ?? "").split(",").map((whole): Brush => {
    const [id = "", asked = ""] = whole.split(">");
    const parts = asked.split("|");
    const ranges = parts.filter((part) => part.includes("~") && !part.startsWith("=")).map(rangeOf);
    return {
      id: decoded(id),
      range: ranges.find((range) => range !== null) ?? null,
      texts: parts.filter((part) => part.startsWith("=")).map((part) => decoded(part.slice(1))),
      specials: parts
        .filter((part) => part.startsWith("!"))
        .map((part) => part.slice(1))
        .filter(isSpecial),
    };
  });
  return brushes.filter((brush) => brush.id !== "" && !isEmpty(brush));
}
