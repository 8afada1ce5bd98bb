/** What comes from the server: the first table, and every newer one. */
import { batch, type Signal, signal } from "@preact/signals";
import type { Api } from "../api/api";
import type { Registry } from "../api/registry";
import { breathe, inSteps } from "../api/stream";
import type { TableHead } from "../api/types";
import { defaultColumns } from "../model/choice";
import { buildTable, type Column, type Section, type Table } from "../model/columns";
import { Kept } from "../model/kept";
import { leadsOf } from "../model/lead";
import { blocksOf, type KnownPart, knownPart } from "../model/parts";
import { withRegistry } from "../model/registry/late";
import { ranksOf, type SortKey } from "../model/sort";
import { trainingsOf } from "../model/trainings";
import { twinsOf } from "../model/twins";
import { type Whole, wholeOf } from "../model/whole";
import { Live } from "./live";
import type { Windowed } from "./windowed";

const FRESH_MS = 8000;

const TELLING: ReadonlySet<Section> = new Set(["Metrics", "Hyperparameters", "Labels"]);

/** What the newest answer said: the manifests, and what was said later. */
interface Newest {
  base: Whole;
  registry: Registry | null;
}

interface FeedOptions {
  api: Api;
  table: Signal<Table | null>;
  /** What was said of the models, as it is now, whatever day the table shows. */
  registry: Signal<Registry | null>;
  windowed: Windowed;
  visible(): boolean;
  /** The order in which the rows are going to be shown. */
  sort(): SortKey[];
  /** The registry to show instead of the newest: as it was; null: the newest. */
  past(): Registry | null;
  /** Called with each new table. */
  onTable(payload: Whole): void;
}

export class Feed {
  readonly live: Live;
  /** Versions that came since the page was opened, for a while. */
  readonly fresh = signal(new Set<string>());
  readonly announcement = signal("");
  /** The first rows are drawn; the rest of the page may follow. */
  readonly settled = signal(false);
  private readonly options: FeedOptions;
  private readonly kept = new Kept();
  /** Of the table that is shown, by digest. */
  private parts = new Map<string, KnownPart>();
  private newest: Newest | null = null;

  constructor(options: FeedOptions) {
    this.options = options;
    this.live = new Live(options.api, options.visible, {
      take: (part) => void this.parts.set(part.digest, knownPart(part)),
      show: (head) => this.show(head),
    });
  }

  private async show(head: TableHead): Promise<boolean> {
    const { windowed } = this.options;
    if (head.status === "windowed") return this.ask(head);
    // Its process starts anew: what is shown stays until then.
    if (windowed.isOn.peek() && head.status === "loading" && head.window) return true;
    windowed.leave();
    const blocks = blocksOf(head, this.parts);
    if (!blocks) return false;
    this.parts = new Map(blocks.flatMap(({ parts }) => parts.map((part) => [part.digest, part])));
    await breathe();
    const before = this.options.table.peek();
    this.newest = { base: wholeOf(head, blocks, this.kept), registry: head.registry ?? null };
    const table = this.build(this.newest);
    await inSteps(this.preparations(table));
    if (!before) setTimeout(() => void (this.settled.value = true), 0);
    batch(() => {
      this.options.registry.value = head.registry ?? null;
      this.options.table.value = table;
      if (before && before.payload.status === "ready") this.welcome(table.ids.filter((id) => !before.indexOf.has(id)));
    });
    this.options.onTable(table.payload);
    return true;
  }

  /** There are too many rows for one answer. */
  private async ask(head: TableHead): Promise<boolean> {
    this.newest = null;
    this.parts = new Map();
    await this.options.windowed.stand(head);
    if (!this.settled.peek()) setTimeout(() => void (this.settled.value = true), 0);
    return true;
  }

  private build({ base, registry }: Newest): Table {
    return buildTable(withRegistry(base, this.options.past() ?? registry));
  }

  /** Builds the table again, with another registry over it. */
  rebuild(): void {
    if (this.newest) this.options.table.value = this.build(this.newest);
  }

  /** What the first drawing needs and every table remembers, step by step: with 100,000 rows all at once would take too long. */
  private *preparations(table: Table): Generator<() => unknown> {
    yield () => twinsOf(table);
    yield () => trainingsOf(table.payload);
    // Which columns are shown follows from all values of these.
    for (const column of table.columns.values()) if (TELLING.has(column.section)) yield () => column.cells;
    yield () => leadsOf(table);
    const shown: Column[] = [];
    yield () => shown.push(...[...defaultColumns(table, false)].flatMap((id) => table.columns.get(id) ?? []));
    for (const column of shown) yield () => column.cells;
    // The chart over versions is in the order of their creation.
    const sorted = ["created", ...this.options.sort().map(({ id }) => id)].flatMap((id) => table.columns.get(id) ?? []);
    for (const column of sorted) yield () => ranksOf(table, column);
  }

  private welcome(ids: string[]): void {
    if (ids.length === 0) return;
    this.announcement.value = ids.length === 1 ? `New version: ${ids[0]}` : `${ids.length} new versions`;
    this.fresh.value = new Set([...this.fresh.value, ...ids]);
    setTimeout(() => {
      this.fresh.value = new Set([...this.fresh.value].filter((id) => !ids.includes(id)));
      if (this.fresh.value.size === 0) this.announcement.value = "";
    }, FRESH_MS);
  }
}
