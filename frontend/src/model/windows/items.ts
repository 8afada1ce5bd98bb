/** The list of very many rows, of which some windows are there. Pure. */
import { AWAY, type Group, groupKey, type Items } from "../group";

/** Rows of the page's table that lie one behind the other in the server's order. */
export interface Stretch {
  /** Of the first row: in the server's order, and in the page's table. */
  position: number;
  row: number;
  count: number;
}

interface Listing {
  found: number;
  /** In the order of their first rows. */
  stretches: readonly Stretch[];
  /** null: no grouping. */
  groups: readonly { name: string | null; count: number }[] | null;
  folded: ReadonlySet<string>;
  order: string;
}

/** Index of the last element that is not above a value; -1: all are. */
function lastUpTo(count: number, of: (at: number) => number, value: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (of(middle) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Turns positions in the server's order into rows of the page's table, and back. */
class Positions {
  private readonly stretches: readonly Stretch[];
  private readonly byRow: readonly Stretch[];

  constructor(stretches: readonly Stretch[]) {
    this.stretches = stretches;
    this.byRow = stretches.toSorted((a, b) => a.row - b.row);
  }

  rowAt(position: number): number {
    const { stretches } = this;
    const own = stretches[lastUpTo(stretches.length, (at) => stretches[at]?.position ?? 0, position)];
    return own && position < own.position + own.count ? own.row + position - own.position : AWAY;
  }

  /** -1: the table has the row beside the list only. */
  positionOf(row: number): number {
    const { byRow } = this;
    const own = byRow[lastUpTo(byRow.length, (at) => byRow[at]?.row ?? 0, row)];
    return own && row < own.row + own.count ? own.position + row - own.row : -1;
  }
}

/** Items that know where in the server's order they stand. */
export interface WindowedItems extends Items {
  /** Position of the row at a place of the list; -1: there is none, but a heading. */
  positionAt(index: number): number;
}

function flat({ found, order }: Listing, positions: Positions): WindowedItems {
  return {
    length: found,
    groups: [],
    order,
    at: (index) => (index >= 0 && index < found ? positions.rowAt(index) : undefined),
    placeOf: (item) => positions.positionOf(item),
    positionAt: (index) => (index >= 0 && index < found ? index : -1),
  };
}

/** With headings; of a folded group only the heading is there. */
function grouped(listing: Listing, positions: Positions): WindowedItems {
  const groups = (listing.groups ?? []).map(({ name, count }): Group => {
    const key = groupKey(name);
    return { key, name, count, folded: listing.folded.has(key) };
  });
  // Of each heading its place in the list, and the position of its first row.
  const places = new Float64Array(groups.length);
  const starts = new Float64Array(groups.length);
  let [place, start] = [0, 0];
  groups.forEach(({ count, folded }, at) => {
    places[at] = place;
    starts[at] = start;
    place += 1 + (folded ? 0 : count);
    start += count;
  });
  const length = place;
  const groupAt = (index: number): number => lastUpTo(groups.length, (at) => places[at] as number, index);
  const positionAt = (index: number): number => {
    const at = index < 0 || index >= length ? -1 : groupAt(index);
    return at < 0 || index === places[at] ? -1 : (starts[at] as number) + index - (places[at] as number) - 1;
  };
  const placeOfRow = (row: number): number => {
    const position = positions.positionOf(row);
    const at = position < 0 ? -1 : lastUpTo(groups.length, (each) => starts[each] as number, position);
    const group = groups[at];
    return !group || group.folded ? -1 : (places[at] as number) + 1 + position - (starts[at] as number);
  };
  return {
    length,
    groups,
    order: listing.order,
    at: (index) => {
      if (index < 0 || index >= length) return undefined;
      const at = groupAt(index);
      return index === places[at] ? -1 - at : positions.rowAt(positionAt(index));
    },
    placeOf: (item) => (item < 0 ? (places[-1 - item] ?? -1) : placeOfRow(item)),
    positionAt,
  };
}

export function windowedItems(listing: Listing): WindowedItems {
  const positions = new Positions(listing.stretches);
  return listing.groups === null ? flat(listing, positions) : grouped(listing, positions);
}
