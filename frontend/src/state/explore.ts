/** What the charts over many versions show. Computed from the store; loaded with the charts. */
import { computed, signal } from "@preact/signals";
import { inSteps } from "../api/stream";
import { naturalOrder } from "../model/choice";
import type { Column } from "../model/columns";
import { buildAxis } from "../model/explore/axis";
import { type Brush, withBrush } from "../model/explore/brush";
import { defaultAxes, defaultPair, offerAxes, reasonAgainst } from "../model/explore/choose";
import { type Coloring, colorBy } from "../model/explore/color";
import { positionsOf, split } from "../model/explore/scene";
import { Kept } from "../model/kept";
import type { Models } from "../model/lead";
import type { Shown } from "../model/rows";
import type { Store } from "./store";

function sameRows(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((row, at) => row === b[at]);
}

/** How many axes the charts take at first, and at most. */
export const AXES = { parallel: { first: 8, most: 16 }, matrix: { first: 4, most: 8 } } as const;

interface Calm {
  shown: Shown;
  models: Models;
}

export class Explore {
  private readonly store: Store;
  /** The ranges of a drag that is not finished. */
  readonly draft = signal<readonly Brush[]>([]);
  /** What is drawn: it follows what is shown once that stays the same for a moment, so that not every key press redraws. */
  readonly calm = signal<Calm | null>(null);
  private last: { ids: string[]; rows: Uint32Array } | null = null;
  private readonly kept = new Kept();
  private firstAxes = new Map<string, string[]>();
  /** Those that `axes` named last. */
  private drawnAxes: Column[] = [];

  constructor(store: Store) {
    this.store = store;
  }

  /** Of which versions are drawn: a newer table may be shown already. */
  readonly table = computed(() => this.calm.value?.shown.table ?? this.store.table.value);
  private readonly models = computed(() => (this.calm.value ? this.calm.value.models : this.store.columns.models.value));

  readonly brushes = computed(() => withBrush(this.store.view.brush.value, ...this.draft.value));

  /** The same array while its rows are the same, so that a brush does not move the axes. */
  readonly rows = computed(() => {
    const table = this.table.value;
    if (!table) return new Uint32Array(0);
    const next = (this.calm.value?.shown ?? this.store.rows.shown.value)?.drawn ?? new Uint32Array(0);
    const { ids } = table;
    const rows = this.last?.ids === ids && sameRows(this.last.rows, next) ? this.last.rows : next;
    this.last = { ids, rows };
    return rows;
  });

  readonly offer = computed(() => {
    const table = this.table.value;
    return table ? offerAxes(table, naturalOrder(table, this.models.value)) : { columns: [], left: [] };
  });

  private columns(ids: readonly string[]): Column[] {
    const offered = new Map(this.offer.value.columns.map((column) => [column.id, column]));
    return ids.flatMap((id) => offered.get(id) ?? []);
  }

  /** The chosen columns, else the most informative ones, which stay when a new version comes. */
  axes({ first, most }: { first: number; most: number }): Column[] {
    const table = this.table.value;
    if (!table) return [];
    const asked = this.columns([...new Set(this.store.view.value.axes)]);
    if (asked.length > 0) return (this.drawnAxes = asked.slice(0, most));
    const models = this.models.value;
    const key = [first, ...this.store.view.models.value, "", ...table.columns.keys()].join("\n");
    const ids = this.firstAxes.get(key) ?? defaultAxes(table, this.offer.value.columns, first, models);
    this.firstAxes = new Map([...this.firstAxes, [key, ids]]);
    return (this.drawnAxes = this.columns(ids));
  }

  readonly pair = computed(() => {
    const table = this.table.value;
    const [x, y] = this.store.view.value.xy;
    const first = table ? defaultPair(table, this.offer.value.columns, this.models.value) : null;
    const known = (id: string | undefined, fallback: string | undefined): string[] =>
      id !== undefined && this.columns([id]).length > 0 ? [id] : fallback === undefined ? [] : [fallback];
    return this.columns([...known(x, first?.[0]), ...known(y, first?.[1])]);
  });

  readonly color = computed(() => {
    const asked = this.store.view.value.color;
    const lead = this.store.columns.metric.value;
    return this.columns([...(asked === null ? [] : [asked]), ...(lead === null ? [] : [`m:${lead}`])])[0] ?? null;
  });

  readonly coloring = computed(() => this.coloringOf(this.color.value, this.rows.value, this.table.value?.count ?? 0));

  private coloringOf(column: Column | null, rows: Uint32Array, count: number): Coloring | null {
    const dark = this.store.host.dark.value;
    return this.kept.of("coloring", [column?.id, column?.goal, column?.cells.values, rows, count, dark], () =>
      colorBy(column, rows, { count, dark }),
    );
  }

  /** Shows other versions, after what they need was made in steps; ends early where `goesOn` says so. */
  async follow(next: Calm, goesOn: () => boolean): Promise<void> {
    if (this.calm.peek() === null || (await inSteps(this.preparations(next.shown), goesOn))) this.calm.value = next;
  }

  /** What the drawing of other versions needs and remembers, step by step. */
  private *preparations({ table, drawn }: Shown): Generator<() => unknown> {
    for (const column of table.columns.values()) yield () => reasonAgainst(column);
    const [color, ...others] = [this.color.peek(), ...this.pair.peek(), ...this.drawnAxes];
    const fresh = (column: Column | null): Column | undefined => (column ? table.columns.get(column.id) : undefined);
    for (const column of [color, ...others].map(fresh)) if (column) yield () => buildAxis(column, drawn);
    const colored = fresh(color ?? null);
    if (colored) yield () => this.coloringOf(colored, drawn, table.count);
  }

  readonly split = computed(() => {
    const table = this.table.value;
    if (!table) return null;
    const [rows, brushes, coloring] = [this.rows.value, this.brushes.value, this.coloring.value];
    const brushed = brushes.map(({ id }) => table.columns.get(id)?.cells.values);
    return this.kept.of("split", [rows, coloring, ...brushes, ...brushed], () => split(table, rows, brushes, coloring));
  });

  private positions(ids: Iterable<string>): number[] {
    const index = this.table.value?.indexOf;
    return positionsOf(
      this.rows.value,
      [...ids].flatMap((id) => index?.get(id) ?? []),
    );
  }

  readonly selected = computed(() => this.positions(this.store.view.selected.value));
  readonly opened = computed(() => this.positions(this.store.view.open.value === null ? [] : [this.store.view.open.value])[0] ?? null);

  /** The drag is finished: its ranges become a filter. */
  commit(): void {
    const draft = this.draft.peek();
    this.draft.value = [];
    if (draft.length > 0) this.store.view.setBrush(...draft);
  }
}

const known = new WeakMap<Store, Explore>();

export function exploreOf(store: Store): Explore {
  const explore = known.get(store) ?? new Explore(store);
  known.set(store, explore);
  return explore;
}
