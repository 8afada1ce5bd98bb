/** Column widths from their content: the widest of a sample, within bounds. */
import type { Column, Table } from "../model/columns";
import { onlySource } from "../model/origins";
import { type Served, servedOf } from "../model/registry/served";
import { captionOf, guess, plainText } from "./text";

export type Measure = (text: string, bold: boolean) => number;

const SAMPLE = 400;
const PADDING = 24;
/** Room for the sort arrow, and for the button of the menu. */
const SORT_MARK = 16;
const MENU = 8;
/** Captions are set in 11 px, other texts in 13. */
const CAPTION_SCALE = 11 / 13;
const NARROWEST = 56;
const WIDEST = 300;
/** The star or triangle behind a metric; the dot before a run. */
const EXTRA: Partial<Record<Column["role"], number>> = { metric: 18, run: 18, version: 8, state: 4 };

export function clampWidth(width: number): number {
  return Math.max(40, Math.min(900, Math.round(width)));
}

/** Only the longest texts are measured, because measuring is slow. */
function longest(texts: string[], most: number): string[] {
  return texts.sort((a, b) => b.length - a.length).slice(0, most);
}

export function columnWidth(table: Table, column: Column, now: number, measure: Measure, served: Served = []): number {
  const step = Math.max(1, Math.floor(table.count / SAMPLE));
  const textOf = (row: number): string => {
    const mark = column.role === "version" ? servedOf(table, row, served) : null;
    return plainText(table, column, row, now) + (mark ? `  ${mark.text}` : "");
  };
  const texts = new Set<string>(column.role === "state" ? table.payload.columns.state.values.map((state) => `✓ ${state}`) : []);
  for (let row = 0; row < table.count; row += step) texts.add(textOf(row));
  const content = Math.max(
    0,
    ...longest([...texts], 4).map((text) => measure(text, column.role === "version" || column.role === "metric")),
  );
  const title = measure(column.title, true) + SORT_MARK + MENU;
  const under = measure(`${captionOf(column)} ${guess(column)} ${onlySource(column) && "≡ "}`, false) * CAPTION_SCALE;
  const wanted = Math.max(content + (EXTRA[column.role] ?? 0), Math.min(title, 188), under + MENU) + PADDING;
  return Math.ceil(Math.max(NARROWEST, Math.min(WIDEST, wanted)));
}

export function canvasMeasure(): Measure {
  const context = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(document.body).fontFamily;
  return (text, bold) => {
    if (!context) return text.length * 7;
    context.font = `${bold ? "700 " : ""}13px ${family}`;
    return context.measureText(text.slice(0, 120)).width;
  };
}
