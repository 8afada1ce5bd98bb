/** Ticking many versions at once, rows that the page did not load yet among them. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Table } from "../model/columns";
import { formatCount } from "../model/format";
import type { Rows } from "./rows";
import type { ViewState } from "./view";
import type { Windowed } from "./windowed";

/** More rows are not loaded to tick them. */
const MOST_LOADED = 1000;
const SAID_MS = 8000;

export class Selecting {
  /** Why nothing was ticked, in a sentence; for a moment. */
  readonly notice = signal("");
  private readonly table: ReadonlySignal<Table | null>;
  private readonly view: ViewState;
  private readonly rows: Rows;
  private readonly windowed: Windowed;
  private silence = 0;
  /** Counts the questions: an answer that came too late ticks nothing. */
  private asked = 0;

  constructor(table: ReadonlySignal<Table | null>, view: ViewState, rows: Rows, windowed: Windowed) {
    this.table = table;
    this.view = view;
    this.rows = rows;
    this.windowed = windowed;
  }

  /** All versions that are shown. */
  all(): void {
    const { ids = [] } = this.table.peek() ?? {};
    if (!this.windowed.isOn.peek()) this.view.select(Array.from(this.rows.sorted.peek(), (row) => ids[row] as string));
    else
      void this.load(
        Array.from({ length: Math.min(this.rows.tally.peek().found, MOST_LOADED + 1) }, (_, at) => at),
        [],
      );
  }

  /** Those between two places of the list, both included, beside those that are ticked. */
  between(from: number, to: number): void {
    const ids = this.table.peek()?.ids ?? [];
    const items = this.rows.items.peek();
    const ticked = this.view.selected.peek();
    const [low, high] = [Math.max(0, Math.min(from, to)), Math.max(from, to)];
    if (!this.windowed.isOn.peek()) {
      const found: string[] = [];
      for (let index = low; index <= high; index++) {
        const item = items.at(index) ?? -1;
        if (item >= 0) found.push(ids[item] as string);
      }
      this.view.select(new Set([...ticked, ...found]));
      return;
    }
    const list = this.rows.list.peek();
    const positions: number[] = [];
    for (let index = low; index <= high && positions.length <= MOST_LOADED; index++) {
      const position = list.positionAt(index);
      if (position >= 0) positions.push(position);
    }
    void this.load(positions, ticked);
  }

  private async load(positions: readonly number[], ticked: Iterable<string>): Promise<void> {
    const own = ++this.asked;
    if (positions.length > MOST_LOADED) {
      this.say(
        `At most ${formatCount(MOST_LOADED)} versions can be ticked at once. A filter leaves fewer; Export takes all that it finds.`,
      );
      return;
    }
    try {
      const found = await this.windowed.references(positions);
      if (own === this.asked) this.view.select(new Set([...ticked, ...found]));
    } catch (error) {
      if (own === this.asked && !(error instanceof DOMException)) this.say(error instanceof Error ? error.message : String(error));
    }
  }

  private say(words: string): void {
    clearTimeout(this.silence);
    this.notice.value = words;
    this.silence = window.setTimeout(() => void (this.notice.value = ""), SAID_MS);
  }
}
