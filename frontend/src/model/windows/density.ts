/** How many of very many versions lie where, by two of their numbers. Pure; pixels as rails have them. */
import type { DensityPayload } from "../../api/types";
import type { Column, Table } from "../columns";
import { type Axis, axisTitle, LOG_FROM, valueAt } from "../explore/axis";
import { partAt, type Rail } from "../explore/rail";
import { numberWords } from "../explore/words";
import { formatCount } from "../format";

/** Cells across and upward. */
export const BINS: readonly [number, number] = [100, 50];

const ROLES: ReadonlySet<Column["role"]> = new Set(["version", "count", "size", "date", "metric"]);

/** The columns that hold numbers. What was measured later is not counted by the server. */
export function numberColumns(table: Table): Column[] {
  const some = ({ cells }: Column): boolean => cells.kind === "number" && cells.absent.includes(0);
  return [...table.columns.values()].filter((column) => ROLES.has(column.role) || (column.role === "value" && some(column)));
}

/** Where half of the counted versions lie below, as a share of the axis. */
function middleOf({ counts, counted, bins }: DensityPayload, at: 0 | 1): number {
  const sums = new Float64Array(bins[at]);
  for (const cell of counts) sums[cell[at]] = (sums[cell[at]] ?? 0) + cell[2];
  let seen = 0;
  const index = sums.findIndex((sum) => (seen += sum) >= counted / 2);
  return index / bins[at];
}

/** Whether powers keep the versions of an axis better apart: positive numbers over two powers of ten, most of them small. */
export function looksLogarithmic(density: DensityPayload, at: 0 | 1, { role }: Column): boolean {
  const { from, to } = at === 0 ? density.x : density.y;
  if (role === "date" || from === null || to === null || !(from > 0) || density.counted === 0) return false;
  return to / from > LOG_FROM && middleOf(density, at) < 0.25;
}

const WHOLE: ReadonlySet<Column["role"]> = new Set(["version", "count", "size"]);

/** As many cells as an axis needs: of few whole numbers one for each, so that there are no gaps between them. */
export function binsOf(density: DensityPayload, at: 0 | 1, column: Column): number {
  const { from, to } = at === 0 ? density.x : density.y;
  const most = BINS[at];
  if (!WHOLE.has(column.role) || from === null || to === null || looksLogarithmic(density, at, column)) return most;
  return Math.min(most, to - from + 1);
}

export function densityAxis(column: Column, { from, to }: DensityPayload["x"], log: boolean): Axis {
  const whole = WHOLE.has(column.role);
  const [low, high] = [from ?? Number.NaN, to ?? Number.NaN];
  return { column, kind: "numbers", log, low, high, whole, few: [], texts: [], specials: [] };
}

export interface Cell {
  x: number;
  y: number;
  width: number;
  height: number;
  /** From 0, few, to 1, the most. */
  share: number;
}

interface Plane {
  railX: Rail;
  railY: Rail;
  left: number;
  bottom: number;
}

/** Ends of a cell along an axis; of an axis with one value its middle. */
function ends(rail: Rail, index: number, bins: number): [number, number] {
  if (rail.axis.low === rail.axis.high) return [partAt(rail, 0.5 - 0.5 / bins), partAt(rail, 0.5 + 0.5 / bins)];
  return [partAt(rail, index / bins), partAt(rail, (index + 1) / bins)];
}

export const mostOf = ({ counts }: DensityPayload): number => counts.reduce((most, [, , count]) => Math.max(most, count), 0);

/** Logarithms of counts, so that few are seen beside very many. */
export function cellsOf(density: DensityPayload, { railX, railY, left, bottom }: Plane): Cell[] {
  const { bins, counts } = density;
  const most = Math.log(mostOf(density));
  return counts.map(([ix, iy, count]) => {
    const [x0, x1] = ends(railX, ix, bins[0]);
    const [y0, y1] = ends(railY, iy, bins[1]);
    return { x: left + x0, y: bottom - y1, width: x1 - x0, height: y1 - y0, share: most > 0 ? Math.log(count) / most : 1 };
  });
}

/** The cell at a place, with the values of its ends; null: nothing is there. */
export function cellAt(density: DensityPayload, { railX, railY, left, bottom }: Plane, x: number, y: number) {
  const { bins, counts } = density;
  const within = (rail: Rail, along: number, count: number): number => {
    const [from, to] = rail.axis.low === rail.axis.high ? ends(rail, 0, count) : [partAt(rail, 0), partAt(rail, 1)];
    if (along < from || along > to) return -1;
    return rail.axis.low === rail.axis.high ? -2 : Math.min(count - 1, Math.floor(((along - from) / (to - from)) * count));
  };
  const [ix, iy] = [within(railX, x - left, bins[0]), within(railY, bottom - y, bins[1])];
  const fits = (index: number, asked: number): boolean => asked === -2 || index === asked;
  const found = ix === -1 || iy === -1 ? undefined : counts.find(([cx, cy]) => fits(cx, ix) && fits(cy, iy));
  if (!found) return null;
  const range = ({ axis }: Rail, index: number, of: number): string => {
    const words = [valueAt(axis, index / of), valueAt(axis, (index + 1) / of)].map((value) => numberWords(axis.column, value));
    return [...new Set(words)].join(" – ");
  };
  return { count: found[2], across: range(railX, found[0], bins[0]), upward: range(railY, found[1], bins[1]) };
}

const versions = (count: number): string => `${formatCount(count)} ${count === 1 ? "version" : "versions"}`;
const have = (count: number): string => (count === 1 ? "has" : "have");

/** "999,000 of 1,000,000 versions have both." */
export function densityWords({ found, counted }: DensityPayload, x: Column, y: Column): string {
  const what = x.id === y.id ? `a number for ${axisTitle(x)}` : `numbers for ${axisTitle(x)} and ${axisTitle(y)}`;
  return counted === found
    ? `${found === 1 ? "The one version" : `All ${versions(found)}`} ${have(found)} ${what}.`
    : `${formatCount(counted)} of ${versions(found)} ${have(counted)} ${what}.`;
}
