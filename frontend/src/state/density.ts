/** The density that a chart over very many versions shows; loaded with the charts. */
import { signal } from "@preact/signals";
import type { DensityPayload } from "../api/types";
import type { Column } from "../model/columns";
import { BINS, binsOf, looksLogarithmic } from "../model/windows/density";
import { askedWhich, columnName, keyOf } from "../model/windows/question";
import type { Store } from "./store";

const CALM_MS = 200;

export interface Density {
  payload: DensityPayload;
  x: Column;
  y: Column;
  log: [x: boolean, y: boolean];
}

export class DensityState {
  /** The last that came; null: none did. */
  readonly shown = signal<Density | null>(null);
  readonly asking = signal(false);
  readonly error = signal<string | null>(null);
  private readonly store: Store;
  private key = "";
  private soon = 0;
  private current = new AbortController();

  constructor(store: Store) {
    this.store = store;
  }

  /** What is drawn: the ranges of the charts lie over it and leave nothing out. */
  private pairs(x: Column, y: Column): [string, string][] {
    const { question } = this.store.windowed.shown.value ?? {};
    const which = question ? askedWhich({ ...question, brush: [] }) : [];
    return [...which, ["x", columnName(x.id)], ["y", columnName(y.id)]];
  }

  /** Follows what is shown; reads signals. */
  follow(x: Column, y: Column): void {
    const pairs = this.pairs(x, y);
    const key = `${this.store.windowed.shown.value?.revision} ${keyOf(pairs)}`;
    if (key === this.key) return;
    this.key = key;
    clearTimeout(this.soon);
    this.soon = window.setTimeout(() => void this.ask(pairs, x, y), this.shown.peek() === null ? 0 : CALM_MS);
  }

  retry(x: Column, y: Column): void {
    void this.ask(this.pairs(x, y), x, y);
  }

  /** Nobody draws it any more. */
  leave(): void {
    clearTimeout(this.soon);
    this.current.abort();
    this.key = "";
    this.shown.value = null;
    this.error.value = null;
    this.asking.value = false;
  }

  private async ask(pairs: [string, string][], x: Column, y: Column): Promise<void> {
    this.current.abort();
    const current = new AbortController();
    this.current = current;
    this.asking.value = true;
    const ask = (bins: readonly [number, number], log: [boolean, boolean]): Promise<DensityPayload> => {
      const scales = (["xlog", "ylog"] as const).filter((_, at) => log[at]).map((name): [string, string] => [name, "1"]);
      return this.store.api.density([...pairs, ["bins", bins.join("x")], ...scales], current.signal);
    };
    try {
      let log: [boolean, boolean] = [false, false];
      let payload = await ask(BINS, log);
      const wanted: [boolean, boolean] = [looksLogarithmic(payload, 0, x), looksLogarithmic(payload, 1, y)];
      const bins = [binsOf(payload, 0, x), binsOf(payload, 1, y)] as const;
      if (wanted[0] || wanted[1] || bins.join() !== BINS.join()) {
        log = wanted;
        payload = await ask(bins, log);
      }
      if (current.signal.aborted) return;
      this.error.value = null;
      this.shown.value = { payload, x, y, log };
    } catch (error) {
      if (!current.signal.aborted) this.error.value = error instanceof Error ? error.message : String(error);
    } finally {
      if (this.current === current) this.asking.value = false;
    }
  }
}

const known = new WeakMap<Store, DensityState>();

export function densityOf(store: Store): DensityState {
  const density = known.get(store) ?? new DensityState(store);
  known.set(store, density);
  return density;
}
