/** What the reader asked for: the view that the address carries, and the verbs that change it. */
import { computed, type Signal, signal } from "@preact/signals";
import type { Host } from "../host/host";
import { type Brush, withBrush } from "../model/explore/brush";
import { decodeView, encodeView, readHash, type View, writeHash } from "../model/view";

const TYPING_MS = 300;

export class ViewState {
  /** The reader has done something; the view is not just what the address said. */
  acted = false;
  private readonly host: Host;
  private readonly view: Signal<View>;
  private pendingWrite = 0;

  constructor(host: Host) {
    this.host = host;
    this.view = signal(this.addressed());
  }

  get value(): View {
    return this.view.value;
  }

  peek(): View {
    return this.view.peek();
  }

  // Slices, so that opening a panel does not sort the table again.
  readonly q = computed(() => this.value.q);
  readonly models = computed(() => this.value.models);
  readonly aliases = computed(() => this.value.aliases);
  readonly runs = computed(() => this.value.runs);
  readonly states = computed(() => this.value.states);
  readonly brush = computed(() => this.value.brush);
  readonly sort = computed(() => this.value.sort);
  readonly group = computed(() => this.value.group);
  readonly choice = computed(() => this.value.choice);
  readonly withdrawn = computed(() => this.value.withdrawn);
  readonly at = computed(() => this.value.at);
  readonly open = computed(() => this.value.open);
  readonly comparing = computed(() => this.value.compare.length > 0);
  readonly selected = computed(() => new Set(this.value.selected));

  private addressed(): View {
    return decodeView(readHash(this.host.hash()));
  }

  /** Follows the address: links, Back and Forward. */
  follow(): void {
    this.host.onHash(() => void (this.view.value = this.addressed()));
  }

  /** `push`: an entry of its own in the history, so that Back undoes it. */
  set(patch: Partial<View>, push = true): void {
    this.acted = true;
    clearTimeout(this.pendingWrite);
    // A change that was not written yet belongs to the old history entry.
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
    return writeHash(this.host.hash(), encodeView(this.value));
  }

  link(): string {
    return this.host.address(this.hash());
  }

  clearFilters(): void {
    this.set({ q: "", models: [], aliases: [], runs: [], states: [], brush: [] });
  }

  /** A brush without limits removes the one of its column. */
  setBrush(...brushes: Brush[]): void {
    this.set({ brush: withBrush(this.brush.peek(), ...brushes) });
  }

  openVersion(id: string | null): void {
    if (id !== this.value.open) this.set({ open: id });
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
