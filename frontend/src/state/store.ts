/** The state of the page, part by part: what came from the server, what the reader asked for, what follows from both. */
import { computed, signal } from "@preact/signals";
import type { Api } from "../api/api";
import type { Head } from "../api/head";
import type { Registry } from "../api/registry";
import type { Host } from "../host/host";
import type { Table } from "../model/columns";
import { placeOf } from "../model/place";
import { Columns } from "./columns";
import { Feed } from "./feed";
import { RegistryState } from "./registry";
import { Rows } from "./rows";
import { Runs } from "./runs";
import { Selecting } from "./selecting";
import { ServedState } from "./served";
import { ViewState } from "./view";
import { Windowed } from "./windowed";

/** Windows below this width show the side panels on demand only. */
const NARROW_PX = 1100;
/** Of the ticked versions, as many as can be compared. */
const MOST_BESIDE = 60;

export class Store {
  readonly table = signal<Table | null>(null);
  private readonly hasTable = computed(() => this.table.value !== null);
  readonly view: ViewState;
  /** Asks for rows where there are too many for the page. */
  readonly windowed: Windowed;
  readonly rows: Rows;
  readonly selecting: Selecting;
  readonly columns: Columns;
  readonly runs: Runs;
  readonly feed: Feed;
  readonly registry: RegistryState;
  readonly served: ServedState;
  /** Ticks each second; ages in the table follow `minute`. */
  readonly now = signal(Date.now());
  readonly minute = computed(() => Math.floor(this.now.value / 60_000) * 60_000);
  readonly narrow = signal(window.innerWidth < NARROW_PX);
  readonly side = computed(() => this.view.value.side ?? !this.narrow.value);

  /** What was said of the models, as it is now, whatever day the table shows. */
  private readonly registryNow = signal<Registry | null>(null);

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
    this.view = new ViewState(host);
    this.windowed = new Windowed({
      api,
      table: this.table,
      registry: this.registryNow,
      question: () => this.rows.question.value,
      beside: () => {
        const { open, compare, selected } = this.view.value;
        return [
          ...(open === null ? [] : [open]),
          ...compare.filter((member) => !member.startsWith("run:")),
          ...selected.slice(0, MOST_BESIDE),
        ];
      },
    });
    this.rows = new Rows(this.table, this.view, this.windowed);
    this.selecting = new Selecting(this.table, this.view, this.rows, this.windowed);
    this.columns = new Columns(this.table, this.view, this.rows, this.windowed);
    this.runs = new Runs(this.table, host, exported);
    this.feed = new Feed({
      api,
      table: this.table,
      registry: this.registryNow,
      windowed: this.windowed,
      visible: () => host.visible(),
      sort: () => this.view.sort.value,
      past: () => this.registry.shown(),
      onTable: ({ runs }) => {
        if (runs.some((run) => !this.runs.position.value.has(run))) void this.runs.ask();
      },
    });
    this.registry = new RegistryState({
      api,
      host,
      view: this.view,
      now: this.registryNow,
      stays: () => (this.hasTable.value ? this.windowed.isOn.value : null),
      still: exported !== null,
      onThen: () => this.feed.rebuild(),
      onChanged: () => this.feed.live.hurry(),
    });
    this.served = new ServedState(api, () => host.visible());
    // An export never changes.
    this.feed.live.follows = exported === null;
  }

  start(): void {
    this.registry.start();
    this.view.follow();
    this.windowed.start();
    this.host.ipc?.on("experimental.DataReloaded", () => this.feed.live.hurry());
    this.host.ipc?.on("experimental.RunsChanged", () => void this.runs.ask());
    window.addEventListener("resize", () => void (this.narrow.value = window.innerWidth > 0 && window.innerWidth < NARROW_PX));
    setInterval(() => {
      if (this.host.visible()) this.now.value = Date.now();
    }, 1000);
    void this.runs.ask();
    void this.served.start();
    this.feed.live.start();
  }
}
