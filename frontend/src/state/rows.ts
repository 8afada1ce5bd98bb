/** Which rows are shown, and in which order: follows from the table and the view. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { breathe } from "../api/stream";
import type { Column, Table } from "../model/columns";
import { brushTest } from "../model/explore/brush";
import { groupRows, type Items, listed } from "../model/group";
import { type Compiled, compile, endsInWord, formError, isUnfinished } from "../model/query/compile";
import { asksFor } from "../model/query/mentions";
import { hiddenRows } from "../model/registry/hiding";
import { type FacetCounts, type Shown, showRows } from "../model/rows";
import { rankSlowly, sortRows } from "../model/sort";
import { windowedItems } from "../model/windows/items";
import type { Question } from "../model/windows/question";
import { countsOf, hiddenOf, leftOutOf, rowsOf } from "../model/windows/tally";
import type { ViewState } from "./view";
import { FEW, type Windowed } from "./windowed";

const PAUSE_MS = 1200;

const NO_ROWS = new Uint32Array(0);

/** How many versions are shown, hidden, and behind each tick of the sidebar; counted by the page or by the server. */
export interface Tally {
  found: number;
  /** Those that only the charts' ranges leave out; 0 where that is not known. */
  outside: number;
  /** null: not known yet. */
  counts: FacetCounts | null;
  /** Names of the sidebar that are not listed because there are too many. */
  leftOut: Record<keyof FacetCounts, number>;
  /** By reason; see registry/hiding.ts. */
  hidden: readonly number[];
}

const NOTHING_LEFT_OUT = { models: 0, aliases: 0, runs: 0, states: 0 };

interface Query extends Compiled {
  /** Its text: the written one, or the one before. */
  inForce: string;
}

export class Rows {
  readonly folded = signal(new Set<string>());
  /** Whether the filter is being typed: an unfinished filter is not shown as an error. */
  readonly writing = signal<"no" | "now" | "paused">("no");
  private goodQuery = "";
  /** The last filter that was well formed: the server says whether it means something. */
  private goodForm = "";
  private pause = 0;
  private readonly table: ReadonlySignal<Table | null>;
  private readonly view: ViewState;
  private readonly windowed: Windowed;

  constructor(table: ReadonlySignal<Table | null>, view: ViewState, windowed: Windowed) {
    this.table = table;
    this.view = view;
    this.windowed = windowed;
  }

  /**
   * The filter that is in force. A new one takes over when its last word is finished, or when Enter is pressed or the
   * field is left; one with an error never does.
   */
  readonly query = computed((): Query => {
    const table = this.table.value;
    const source = this.view.q.value;
    if (this.windowed.isOn.value) return this.askedQuery.value;
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

  /** Of very many rows: the form of a filter is checked here, what it means is the server's to say. */
  private readonly wellFormed = computed((): { filter: string; error: Query["error"] } => {
    const source = this.view.q.value;
    const writing = this.writing.value;
    const error = formError(source);
    const table = this.table.value;
    const unfinished = writing !== "no" && (endsInWord(source) || (table !== null && isUnfinished(source, table)));
    if (!error && !unfinished) this.goodForm = source;
    const atEnd = writing === "now" && (error?.end ?? 0) >= source.trimEnd().length;
    return { filter: this.goodForm, error: atEnd ? null : error };
  });

  private readonly askedQuery = computed((): Query => {
    const { filter, error } = this.wellFormed.value;
    const refused = this.windowed.refused.value;
    if (refused?.filter !== filter) return { predicate: null, error, hint: null, inForce: filter };
    const inForce = this.windowed.shown.value?.question.filter ?? "";
    return { predicate: null, error: error ?? { message: refused.why, at: 0, end: 0, fix: null }, hint: null, inForce };
  });

  /** What the server is asked for where the page does not have all rows. */
  readonly question = computed((): Question => {
    const { models, aliases, runs, states, brush, sort, group, withdrawn } = this.view;
    const facets = { models: models.value, aliases: aliases.value, runs: runs.value, states: states.value };
    const order = { sort: sort.value, group: group.value };
    return { filter: this.wellFormed.value.filter, ...facets, ...order, brush: brush.value, all: withdrawn.value };
  });

  /** The rows that are shown; null where the page does not have all of them. */
  readonly shown = computed((): Shown | null => {
    const answer = this.windowed.shown.value;
    if (this.windowed.isOn.value) {
      if (!answer?.isWhole) return null;
      const rows = rowsOf(answer.stretches);
      return { table: answer.table, rows, drawn: rows, counts: countsOf(null), hidden: hiddenOf(answer.hidden) };
    }
    const { predicate, inForce } = this.query.value;
    return this.passing(predicate, inForce);
  });

  /** The rows that a filter in place of the present one has to choose from; none where the page does not have all. */
  readonly unfiltered = computed(() => (this.windowed.isOn.value ? NO_ROWS : (this.passing(null, "")?.rows ?? NO_ROWS)));

  readonly sorted = computed(() => {
    const table = this.table.value;
    const shown = this.shown.value;
    if (this.windowed.isOn.value) return shown?.rows ?? NO_ROWS;
    return table && shown ? sortRows(table, shown.rows.slice(), this.view.sort.value) : NO_ROWS;
  });

  readonly items = computed((): Items => {
    if (this.windowed.isOn.value) return this.list.value;
    const table = this.table.value;
    return table ? groupRows(table, this.sorted.value, this.view.group.value, this.folded.value) : listed(new Int32Array(0));
  });

  /** More versions are shown than the page has. */
  readonly isMany = computed(() => this.windowed.isOn.value && (this.windowed.shown.value?.found ?? 0) > FEW);

  /** The list of very many rows. */
  readonly list = computed(() => {
    const { found = 0, stretches = [], groups = null, key = "" } = this.windowed.shown.value ?? {};
    return windowedItems({ found, stretches, groups, folded: this.folded.value, order: key });
  });

  /** All versions that there are, whatever the filter says. */
  readonly total = computed(() => (this.windowed.isOn.value ? (this.windowed.standing.value?.rows ?? 0) : (this.table.value?.count ?? 0)));

  readonly tally = computed((): Tally => {
    const shown = this.shown.value;
    if (this.windowed.isOn.value) {
      const answer = this.windowed.shown.value;
      const facets = this.windowed.facets.value?.found ?? null;
      const hidden = hiddenOf(answer?.hidden ?? { deprecated: 0, removed: 0 });
      return { found: answer?.found ?? 0, outside: 0, counts: facets && countsOf(facets), leftOut: leftOutOf(facets), hidden };
    }
    const found = shown?.rows.length ?? 0;
    const outside = (shown?.drawn.length ?? 0) - found;
    return { found, outside, counts: shown?.counts ?? null, leftOut: NOTHING_LEFT_OUT, hidden: shown?.hidden ?? [] };
  });

  readonly filtering = computed(() => {
    const { models, aliases, runs, states, brush } = this.view;
    const { predicate, inForce } = this.query.value;
    const filtered = this.windowed.isOn.value ? inForce.trim() !== "" : predicate !== null;
    return filtered || [models, aliases, runs, states, brush].some((each) => each.value.length > 0);
  });

  /** Makes ready what sorting by a column needs; null: it is ready, or will be at once. */
  prepare(column: Column): Promise<void> | null {
    return this.windowed.isOn.peek() ? null : rankSlowly(column, breathe);
  }

  private passing(predicate: Compiled["predicate"], source: string): Shown | null {
    const table = this.table.value;
    if (!table) return null;
    const { models, aliases, runs, states, brush } = this.view;
    const all = this.view.withdrawn.value;
    const asked = asksFor(source);
    const removed = states.value.includes("removed");
    const hidden = hiddenRows(table, { deprecated: all || asked.deprecated, removed: all || asked.removed || removed });
    const facets = { models: models.value, aliases: aliases.value, runs: runs.value, states: states.value };
    return showRows(table, predicate, facets, { brushed: brushTest(table, brush.value), hidden });
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
