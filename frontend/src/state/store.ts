/** The state of the page: what came from the server, what the reader asked for, and what follows from both. */
import { batch, computed, type Signal, signal } from "@preact/signals";
import type { Api } from "../api/api";
import type { Head } from "../api/head";
import type { VersionsPayload } from "../api/types";
import type { Host } from "../host/host";
import { bestValue } from "../model/best";
import { defaultColumns, layout, leadingMetric, naturalOrder } from "../model/choice";
import { buildTable, type Column, type Table } from "../model/columns";
import { type Brush, brushTest, withBrush } from "../model/explore/brush";
import { groupRows } from "../model/group";
import { placeOf } from "../model/place";
import { compile, isUnfinished } from "../model/query/compile";
import { showRows } from "../model/rows";
import { curveMembers, curvesHash, paletteColor, type RunLink, runLink } from "../model/runs";
import { ranksOf, sortRows } from "../model/sort";
import { decodeView, encodeView, readHash, type View, writeHash } from "../model/view";
import { Live } from "./live";

const TYPING_MS = 300;
const PAUSE_MS = 1200;
const FRESH_MS = 8000;

/** Lets the browser draw between two pieces of work. */
const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

export class Store {
  readonly table = signal<Table | null>(null);
  readonly view: Signal<View>;
  readonly live: Live;
  readonly tensorboardRuns = signal<string[] | null>(null);
  /** Ticks each second; ages in the table follow `minute`. */
  readonly now = signal(Date.now());
  readonly minute = computed(() => Math.floor(this.now.value / 60_000) * 60_000);
  readonly folded = signal(new Set<string>());
  /** Versions that came since the page was opened, for a while. */
  readonly fresh = signal(new Set<string>());
  readonly announcement = signal("");
  /** Whether the filter is being written: what is not finished is not yet wrong. */
  readonly writing = signal<"no" | "now" | "paused">("no");
  /** The first rows are drawn; the rest of the page may follow. */
  readonly settled = signal(false);
  readonly narrow = signal(window.innerWidth < 1100);
  /** The reader has done something; the view is not just what the address said. */
  acted = false;
  private goodQuery = "";
  private pendingWrite = 0;
  private pause = 0;

  readonly api: Api;
  readonly host: Host;
  /** What the export says of itself; null in TensorBoard. */
  readonly exported: Head | null;
  readonly place;

  constructor(api: Api, host: Host, exported: Head | null = null) {
    this.api = api;
    this.host = host;
    this.exported = exported;
    this.place = placeOf(exported, host.base());
    this.view = signal(decodeView(readHash(host.hash())));
    this.live = new Live(
      api,
      () => host.visible(),
      (payload) => this.receive(payload),
    );
    // Nothing comes after an export.
    this.live.follows = exported === null;
  }

  start(): void {
    this.host.onHash(() => void (this.view.value = decodeView(readHash(this.host.hash()))));
    this.host.ipc?.on("experimental.DataReloaded", () => this.live.hurry());
    this.host.ipc?.on("experimental.RunsChanged", () => void this.readRuns());
    window.addEventListener("resize", () => void (this.narrow.value = window.innerWidth > 0 && window.innerWidth < 1100));
    setInterval(() => {
      if (this.host.visible()) this.now.value = Date.now();
    }, 1000);
    void this.readRuns();
    this.live.start();
  }

  private async readRuns(): Promise<void> {
    const runs = await this.host.runs();
    if (runs && runs.join("\n") !== this.tensorboardRuns.value?.join("\n")) this.tensorboardRuns.value = runs;
  }

  private async receive(payload: VersionsPayload): Promise<void> {
    await breathe();
    const before = this.table.value;
    const table = buildTable(payload);
    await breathe();
    for (const key of this.sort.value) {
      const column = table.columns.get(key.id);
      if (column) ranksOf(table, column);
    }
    await breathe();
    if (!before) setTimeout(() => void (this.settled.value = true), 0);
    batch(() => {
      this.table.value = table;
      if (before && before.payload.status === "ready") this.welcome(table.ids.filter((id) => !before.indexOf.has(id)));
    });
    if (payload.runs.some((run) => !this.runPosition.value.has(run))) void this.readRuns();
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

  /** `push`: an entry of its own in the history, so that Back undoes it. */
  set(patch: Partial<View>, push = true): void {
    this.acted = true;
    clearTimeout(this.pendingWrite);
    // What waits to be written belongs to the entry that is left behind.
    if (push && this.pendingWrite !== 0) this.writeHash(false);
    this.view.value = { ...this.view.value, ...patch };
    if (push) this.writeHash(true);
    else this.pendingWrite = window.setTimeout(() => this.writeHash(false), TYPING_MS);
  }

  private writeHash(push: boolean): void {
    this.pendingWrite = 0;
    this.host.writeHash(this.hash(), push);
  }

  hash(): string {
    return writeHash(this.host.hash(), encodeView(this.view.value));
  }

  link(): string {
    return this.host.address(this.hash());
  }

  // What follows. Slices first, so that opening a panel does not sort the table again.
  readonly q = computed(() => this.view.value.q);
  readonly models = computed(() => this.view.value.models);
  readonly aliases = computed(() => this.view.value.aliases);
  readonly runs = computed(() => this.view.value.runs);
  readonly states = computed(() => this.view.value.states);
  readonly brush = computed(() => this.view.value.brush);
  readonly sort = computed(() => this.view.value.sort);
  readonly group = computed(() => this.view.value.group);
  readonly choice = computed(() => this.view.value.choice);
  readonly open = computed(() => this.view.value.open);
  readonly comparing = computed(() => this.view.value.compare.length > 0);
  readonly selected = computed(() => new Set(this.view.value.selected));

  /** The last filter without an error stays in force while a new one is being written. */
  readonly query = computed(() => {
    const table = this.table.value;
    const source = this.q.value;
    if (!table) return { predicate: null, error: null, inForce: "" };
    const writing = this.writing.value;
    const compiled = compile(source, table, Date.now());
    if (!compiled.error && (writing === "no" || !isUnfinished(source, table))) {
      this.goodQuery = source;
      return { ...compiled, inForce: source };
    }
    const fallback = compile(this.goodQuery, table, Date.now());
    const atEnd = writing === "now" && (compiled.error?.end ?? 0) >= source.trimEnd().length;
    return { predicate: fallback.predicate, error: atEnd ? null : compiled.error, inForce: fallback.error ? "" : this.goodQuery };
  });

  readonly shown = computed(() => {
    const table = this.table.value;
    if (!table) return null;
    const facets = { models: this.models.value, aliases: this.aliases.value, runs: this.runs.value, states: this.states.value };
    return showRows(table, this.query.value.predicate, facets, brushTest(table, this.brush.value));
  });

  readonly sorted = computed(() => {
    const table = this.table.value;
    const shown = this.shown.value;
    return table && shown ? sortRows(table, shown.rows.slice(), this.sort.value) : new Uint32Array(0);
  });

  readonly items = computed(() => {
    const table = this.table.value;
    return table ? groupRows(table, this.sorted.value, this.group.value, this.folded.value) : { list: new Int32Array(0), groups: [] };
  });

  private readonly natural = computed(() => (this.table.value ? naturalOrder(this.table.value) : []));
  private readonly oneModel = computed(() => {
    const names = this.table.value?.payload.columns.model.values.length ?? 0;
    return names <= 1 || this.models.value.length === 1 || this.group.value === "model";
  });
  private readonly defaults = computed(() =>
    this.table.value ? defaultColumns(this.table.value, this.oneModel.value) : new Set<string>(),
  );
  readonly layout = computed(() => layout(this.natural.value, this.defaults.value, this.choice.value));
  readonly columns = computed(() => {
    const table = this.table.value;
    return table ? this.layout.value.visible.flatMap((id) => table.columns.get(id) ?? []) : [];
  });

  /** Best value of each visible metric column among the shown rows. */
  readonly best = computed(() => {
    const rows = this.shown.value?.rows ?? new Uint32Array(0);
    const best = new Map<Column, number>();
    for (const column of this.columns.value) {
      const value = bestValue(column, rows);
      if (value !== null) best.set(column, value);
    }
    return best;
  });

  /** Digests that more than one version has, with their number. */
  readonly twins = computed(() => {
    const counts = new Map<string, number>();
    for (const digest of this.table.value?.payload.columns.digest ?? []) if (digest) counts.set(digest, (counts.get(digest) ?? 0) + 1);
    return counts;
  });

  readonly metric = computed(() => {
    const table = this.table.value;
    const asked = this.view.value.metric;
    if (!table) return null;
    return asked !== null && table.columns.has(`m:${asked}`) ? asked : leadingMetric(table);
  });

  /** Positions in TensorBoard's list of runs, which decide the colours; an export remembers them. */
  readonly runPosition = computed(() =>
    this.exported
      ? new Map(this.exported.runs.map((run) => [run.name, run.color]))
      : new Map((this.tensorboardRuns.value ?? []).map((run, index) => [run, index])),
  );

  runColor(name: string): string | null {
    const position = this.runPosition.value.get(name);
    return position === undefined ? null : paletteColor(position, this.host.dark.value);
  }

  /** All runs that exist as far as anybody knows, and a memory of the links to single ones. */
  private readonly links = computed(() => ({
    all: this.tensorboardRuns.value ?? this.table.value?.payload.runs ?? [],
    known: new Map<string, RunLink>(),
  }));

  /** Whether runs lead to a TensorBoard; an export may know none, and then they lead to its own curves. */
  get hasTimeSeries(): boolean {
    return this.exported === null || this.host.base() !== "";
  }

  runLink(names: string[]): RunLink {
    const { known } = this.links.value;
    const key = names.join("\n");
    const link = known.get(key) ?? this.newLink(names);
    known.set(key, link);
    return link;
  }

  private newLink(names: string[]): RunLink {
    const table = this.table.value;
    if (!this.hasTimeSeries && table) return { href: curvesHash(curveMembers(table.payload, names)), target: "_self" };
    const href = runLink(this.host.base(), names, this.links.value.all);
    return this.exported ? { href, target: "_blank", rel: "noopener noreferrer" } : { href, target: "_parent" };
  }

  readonly side = computed(() => this.view.value.side ?? !this.narrow.value);

  readonly filtering = computed(
    () =>
      this.query.value.predicate !== null ||
      [this.models, this.aliases, this.runs, this.states, this.brush].some((each) => each.value.length > 0),
  );

  /** Each key press in the filter. */
  write(q: string): void {
    clearTimeout(this.pause);
    this.writing.value = "now";
    this.pause = window.setTimeout(() => void (this.writing.value = "paused"), PAUSE_MS);
    this.set({ q }, false);
  }

  /** Enter was pressed or the field was left. */
  written(): void {
    clearTimeout(this.pause);
    this.writing.value = "no";
  }

  clearFilters(): void {
    this.set({ q: "", models: [], aliases: [], runs: [], states: [], brush: [] });
  }

  /** A brush that asks for nothing removes its column's. */
  setBrush(...brushes: Brush[]): void {
    this.set({ brush: withBrush(this.brush.peek(), ...brushes) });
  }

  openVersion(id: string | null): void {
    if (id !== this.view.value.open) this.set({ open: id });
  }

  /** An empty list leads back to the table. */
  compare(members: Iterable<string>, look: View["look"] = {}): void {
    const compare = [...new Set(members)];
    this.set({ compare, look, ...(compare.length > 0 ? { open: null } : {}) });
  }

  select(ids: Iterable<string>): void {
    this.set({ selected: [...ids] }, false);
  }
}
