/** Which rows are shown, and in which order: follows from the table and the view. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { breathe } from "../api/stream";
import type { Column, Table } from "../model/columns";
import { brushTest } from "../model/explore/brush";
import { groupRows } from "../model/group";
import { type Compiled, compile, endsInWord, isUnfinished } from "../model/query/compile";
import { asksFor } from "../model/query/mentions";
import { hiddenRows } from "../model/registry/hiding";
import { showRows } from "../model/rows";
import { rankSlowly, sortRows } from "../model/sort";
import type { ViewState } from "./view";

const PAUSE_MS = 1200;

interface Query extends Compiled {
  /** Its text: the written one, or the one before. */
  inForce: string;
}

export class Rows {
  readonly folded = signal(new Set<string>());
  /** Whether the filter is being typed: an unfinished filter is not shown as an error. */
  readonly writing = signal<"no" | "now" | "paused">("no");
  private goodQuery = "";
  private pause = 0;
  private readonly table: ReadonlySignal<Table | null>;
  private readonly view: ViewState;

  constructor(table: ReadonlySignal<Table | null>, view: ViewState) {
    this.table = table;
    this.view = view;
  }

  /**
   * The filter that is in force. A new one takes over when its last word is finished, or when Enter is pressed or the
   * field is left; one with an error never does.
   */
  readonly query = computed((): Query => {
    const table = this.table.value;
    const source = this.view.q.value;
    if (!table) return { predicate: null, error: null, hint: null, inForce: "" };
    const writing = this.writing.value;
    const compiled = compile(source, table, Date.now());
    const unfinished = writing !== "no" && (endsInWord(source) || isUnfinished(source, table));
    if (!compiled.error && !unfinished) {
      this.goodQuery = source;
      return { ...compiled, inForce: source };
    }
    const fallback = compile(this.goodQuery, table, Date.now());
    const atEnd = writing === "now" && (compiled.error?.end ?? 0) >= source.trimEnd().length;
    return {
      predicate: fallback.predicate,
      error: atEnd ? null : compiled.error,
      hint: null,
      inForce: fallback.error ? "" : this.goodQuery,
    };
  });

  /** For each row why it is hidden: see registry/hiding.ts. */
  private readonly hidden = computed(() => {
    const table = this.table.value;
    if (!table) return null;
    const all = this.view.withdrawn.value;
    const asked = asksFor(this.query.value.inForce);
    const removed = this.view.states.value.includes("removed");
    return hiddenRows(table, { deprecated: all || asked.deprecated, removed: all || asked.removed || removed });
  });

  readonly shown = computed(() => {
    const table = this.table.value;
    if (!table) return null;
    const { models, aliases, runs, states, brush } = this.view;
    const facets = { models: models.value, aliases: aliases.value, runs: runs.value, states: states.value };
    return showRows(table, this.query.value.predicate, facets, { brushed: brushTest(table, brush.value), hidden: this.hidden.value });
  });

  readonly sorted = computed(() => {
    const table = this.table.value;
    const shown = this.shown.value;
    return table && shown ? sortRows(table, shown.rows.slice(), this.view.sort.value) : new Uint32Array(0);
  });

  readonly items = computed(() => {
    const table = this.table.value;
    return table ? groupRows(table, this.sorted.value, this.view.group.value, this.folded.value) : { list: new Int32Array(0), groups: [] };
  });

  readonly filtering = computed(() => {
    const { models, aliases, runs, states, brush } = this.view;
    return this.query.value.predicate !== null || [models, aliases, runs, states, brush].some((each) => each.value.length > 0);
  });

  /** Makes ready what sorting by a column needs; null: it is ready, or will be at once. */
  prepare(column: Column): Promise<void> | null {
    return rankSlowly(column, breathe);
  }

  /** Each key press in the filter. */
  write(q: string): void {
    clearTimeout(this.pause);
    this.writing.value = "now";
    this.pause = window.setTimeout(() => void (this.writing.value = "paused"), PAUSE_MS);
    this.view.set({ q }, false);
  }

  /** Enter was pressed or the field was left. */
  written(): void {
    clearTimeout(this.pause);
    this.writing.value = "no";
  }
}
