/** What the charts show, in words. Pure. */
import type { Column, Table } from "../columns";
import { formatBytes, formatCount, formatDate, formatMetric } from "../format";
import { type Axis, axisTitle } from "./axis";
import { SPECIAL_NAMES, specialOf, textOf } from "./brush";
import type { Coloring } from "./color";

/** A number of the column, for an input or a legend too. */
export function numberWords({ role }: Column, value: number): string {
  if (role === "date") return formatDate(value);
  if (role === "size") return formatBytes(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return formatCount(value);
  return formatMetric(value);
}

export function valueWords(column: Column, row: number): string {
  const special = specialOf(column, row);
  if (special !== null) return SPECIAL_NAMES[special];
  return column.cells.kind === "number" ? numberWords(column, column.cells.values[row] as number) : textOf(column, row);
}

/** "digits 12 · 1.3.0". */
export function versionWords(table: Table, row: number): string {
  const { model, semantic_version } = table.payload.columns;
  const name = model.values[model.codes[row] as number] ?? "";
  return [`${name} ${table.numbers[row]}`.trim(), semantic_version[row]].filter(Boolean).join(" · ");
}

function axisWords(axis: Axis): string {
  const missing = axis.specials.map(
    ({ special, count }) => `${count} ${SPECIAL_NAMES[special] === "–" ? "without a value" : SPECIAL_NAMES[special]}`,
  );
  const notes = [...(axis.log ? ["logarithmic"] : []), ...missing];
  return axisTitle(axis.column) + (notes.length > 0 ? ` (${notes.join(", ")})` : "");
}

function colorWords(coloring: Coloring | null): string {
  if (!coloring || coloring.kind === "constant") return "";
  const { axis } = coloring;
  const range = coloring.kind === "numbers" ? `, from ${numberWords(axis.column, axis.low)} to ${numberWords(axis.column, axis.high)}` : "";
  return ` Coloured by ${axisTitle(axis.column)}${range}.`;
}

const versions = (count: number): string => `${formatCount(count)} ${count === 1 ? "version" : "versions"}`;

interface Pictured {
  axes: readonly Axis[];
  coloring: Coloring | null;
  drawn: number;
  inside: number;
}

/** For screen readers; the table has the numbers. */
export function sentence(what: string, { axes, coloring, drawn, inside }: Pictured): string {
  const chosen = inside < drawn ? ` ${formatCount(inside)} inside of the chosen ranges.` : "";
  return `${what} of ${versions(drawn)}: ${axes.map(axisWords).join(", ")}.${colorWords(coloring)}${chosen} The table below shows the same versions.`;
}
