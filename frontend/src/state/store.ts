/** The state of the page, part by part: what came from the server, what the reader asked for, what follows from both. */
import { computed, signal } from "@preact/signals";
import type { Api } from "../api/api";
import type { Head } from "../api/head";
import type { Host } from "../host/host";
import type { Table } from "../model/columns";
import { placeOf } from "../model/place";
import { Columns } from "./columns";
import { Feed } from "./feed";
import { RegistryState } from "./registry";
import { Rows } from "./rows";
import { Runs } from "./runs";
import { ServedState } from "./served";
import { ViewState } from "./view";

/** Windows below this width show the side panels on demand only. */
const NARROW_PX = 1100;

export class Store {
  readonly table = signal<Table | null>(null);
  readonly view: ViewState;
  readonly rows: Rows;
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
    this.rows = new Rows(this.table, this.view);
    this.columns = new Columns(this.table, this.view, this.rows);
    this.runs = new Runs(this.table, host, exported);
    this.feed = new Feed({
      api,
      table: this.table,
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
      now: this.feed.registry,
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
