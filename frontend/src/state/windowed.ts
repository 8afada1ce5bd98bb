/** The rows of a table that is too large for the page: the server finds, sorts and counts, and the page asks for what it shows. */
import { batch, computed, effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals";
import type { Api, Asked } from "../api/api";
import type { Registry } from "../api/registry";
import type { FacetsPayload, Standing, TableHead, WindowPayload } from "../api/types";
import type { Table } from "../model/columns";
import { Kept } from "../model/kept";
import { assemble, type Piece, pieceOf } from "../model/windows/assemble";
import { withHeads } from "../model/windows/heads";
import type { Stretch } from "../model/windows/items";
import { KeptWindows, WINDOW, windowsOf } from "../model/windows/kept";
import { asked, askedVersions, askedWhich, EVERYTHING, keyOf, type Question } from "../model/windows/question";

/** Of so few rows the page has all, so that its charts draw versions. */
export const FEW = 3 * WINDOW;

const RETRY_MS = 10_000;
/** Between two times that rows which changed are asked for again. */
const RENEW_MS = 2000;
/** Between two looks for rows that come into view. */
const LOOK_MS = 120;
/** Rows above and below the screen. */
const AROUND = 40;
/** Of the opened, compared and ticked versions. */
const MOST_BESIDE = 100;

/** The answer to a question, as far as the page has it. */
interface Answer {
  key: string;
  question: Question;
  revision: string;
  found: number;
  hidden: WindowPayload["hidden"];
  groups: NonNullable<WindowPayload["groups"]> | null;
  windows: KeptWindows<Piece>;
}

/** What is shown of it. */
export interface ShownAnswer extends Omit<Answer, "windows"> {
  table: Table;
  stretches: readonly Stretch[];
  /** Every row that was found is there. */
  isWhole: boolean;
}

interface Options {
  api: Api;
  table: Signal<Table | null>;
  registry: Signal<Registry | null>;
  /** What the reader asks for. */
  question(): Question;
  /** Versions that are shown beside the list: the opened, compared and ticked ones. */
  beside(): readonly string[];
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const statusOf = (error: unknown): number => (error instanceof Error && "status" in error ? Number(error.status) : 0);

export class Windowed {
  /** What the newest answer of `versions` said; null: the page has all rows itself. */
  readonly head = signal<TableHead | null>(null);
  readonly shown = signal<ShownAnswer | null>(null);
  /** Counts of the sidebar's values; null: not known. `key`: for which rows. */
  readonly facets = signal<{ key: string; found: FacetsPayload | null; error: string | null } | null>(null);
  /** Whether rows of another question are on their way. */
  readonly asking = signal(false);
  /** Why what is shown is not what was asked for. */
  readonly trouble = signal<string | null>(null);
  /** A filter that the server does not take, and why. */
  readonly refused = signal<{ filter: string; why: string } | null>(null);
  private readonly options: Options;
  private readonly kept = new Kept();
  private answer: Answer | null = null;
  private besides: Piece[] = [];
  /** Versions that were asked for and are not there. */
  private absent = new Set<string>();
  private heads: Pick<TableHead, "metrics" | "hyperparameters" | "labels"> | null = null;
  private main = new AbortController();
  private readonly loading = new Map<number, AbortController>();
  private counting = new AbortController();
  private seeking = "";
  private positions: number[] = [];
  private lookedAt = 0;
  private lookSoon = 0;
  private retrySoon = 0;
  private renewSoon = 0;
  private renewedAt = 0;

  constructor(options: Options) {
    this.options = options;
  }

  start(): void {
    const { question, beside, table } = this.options;
    effect(() => this.follow(question()));
    effect(() => this.followBeside(beside(), table.value));
  }

  readonly isOn = computed(() => this.head.value !== null);
  readonly standing: ReadonlySignal<Standing | null> = computed(() => this.head.value?.window ?? null);

  /** Takes what `versions` says of the table; throws where no row could be loaded at all. */
  async stand(head: TableHead): Promise<void> {
    const before = this.head.peek();
    this.heads = withHeads(this.heads ?? head, head);
    this.head.value = head;
    if (this.answer === null) await this.ask(this.options.question(), true);
    else if (before?.revision !== head.revision) await this.again();
  }

  /** The page has all rows itself again. */
  leave(): void {
    if (this.head.peek() === null) return;
    this.main.abort();
    this.counting.abort();
    clearTimeout(this.retrySoon);
    clearTimeout(this.renewSoon);
    for (const each of this.loading.values()) each.abort();
    this.loading.clear();
    this.answer = null;
    this.heads = null;
    this.besides = [];
    batch(() => {
      this.head.value = null;
      this.shown.value = null;
      this.facets.value = null;
      this.trouble.value = null;
      this.refused.value = null;
      this.asking.value = false;
    });
  }

  /** Asks the same again. */
  async again(): Promise<void> {
    this.absent = new Set();
    const wanted = untracked(this.options.question);
    // In place of a filter that was refused the one before is in force.
    const isRefused = this.refused.peek()?.filter === wanted.filter;
    await this.ask(isRefused ? { ...wanted, filter: this.answer?.question.filter ?? "" } : wanted, false);
  }

  /** Rows changed while the page was asking for some: all are asked for again, but not all the time. */
  private renew(): void {
    const wait = this.renewedAt + RENEW_MS - Date.now();
    clearTimeout(this.renewSoon);
    this.renewSoon = window.setTimeout(
      () => {
        this.renewedAt = Date.now();
        void this.again();
      },
      Math.max(0, wait),
    );
  }

  private follow(question: Question): void {
    if (this.head.peek() === null || this.answer === null) return;
    if (keyOf(asked(question)) === this.seeking) return;
    void this.ask(question, false);
  }

  /** `first`: nothing is shown yet, so that an error is the caller's. */
  private async ask(question: Question, first: boolean): Promise<void> {
    clearTimeout(this.retrySoon);
    this.main.abort();
    const main = new AbortController();
    this.main = main;
    this.seeking = keyOf(asked(question));
    this.asking.value = true;
    try {
      const answer = await this.load(question, main.signal);
      if (main.signal.aborted) return;
      this.take(answer);
    } catch (error) {
      if (main.signal.aborted) return;
      if (statusOf(error) === 400 && question.filter.trim() !== "" && question.filter !== this.answer?.question.filter) {
        this.refused.value = { filter: question.filter, why: sentence(error) };
        // A link with a wrong filter shows the rows without it.
        if (first) await this.ask({ ...question, filter: "" }, true);
      } else if (first && statusOf(error) === 400 && this.seeking !== keyOf(asked(EVERYTHING))) {
        await this.ask(EVERYTHING, true);
        this.trouble.value = sentence(error);
      } else if (first) throw error;
      else this.fail(error);
    } finally {
      if (this.main === main) this.asking.value = false;
    }
  }

  private fail(error: unknown): void {
    this.trouble.value = sentence(error);
    // What is wrong with a question stays wrong.
    if (statusOf(error) !== 400) this.retrySoon = window.setTimeout(() => void this.again(), RETRY_MS);
  }

  /** The rows that are on screen, before anything of them is shown: nothing flickers. */
  private async load(question: Question, signal: AbortSignal): Promise<Answer> {
    const pairs = asked(question);
    const numbers = windowsOf(this.positions).slice(0, 3);
    const [top = 0, ...others] = numbers;
    let head = await this.window(pairs, top, signal);
    let first = top;
    if (head.table.blocks.length === 0 && head.found > 0) {
      first = Math.floor((head.found - 1) / WINDOW);
      head = await this.window(pairs, first, signal);
    }
    const windows = new KeptWindows<Piece>();
    windows.put(first, pieceOf(head.table));
    this.rememberHeads(head);
    const groups = question.group === "none" ? null : (head.groups ?? (await this.groups(pairs, signal)));
    for (const number of first === top ? others.filter((each) => each * WINDOW < head.found) : []) {
      const more = await this.window(pairs, number, signal);
      // Where rows changed between the two, the rest is asked for later.
      if (more.revision !== head.revision) break;
      windows.put(number, pieceOf(more.table));
      this.rememberHeads(more);
    }
    const { revision, found, hidden } = head;
    return { key: keyOf(pairs), question, revision, found, hidden, groups, windows };
  }

  private window(pairs: Asked, number: number, signal?: AbortSignal): Promise<WindowPayload> {
    return this.options.api.window([...pairs, ["first", String(number * WINDOW)], ["count", String(WINDOW)]], signal);
  }

  private async groups(pairs: Asked, signal: AbortSignal): Promise<NonNullable<WindowPayload["groups"]>> {
    const answer = await this.options.api.window([...pairs, ["first", "0"], ["count", "0"]], signal);
    return answer.groups ?? [];
  }

  private rememberHeads({ table }: WindowPayload): void {
    this.heads = withHeads(this.heads ?? table, table);
  }

  private take(answer: Answer): void {
    for (const each of this.loading.values()) each.abort();
    this.loading.clear();
    // What lies beside the list may have changed too.
    if (this.answer && this.answer.revision !== answer.revision) this.besides = [];
    this.answer = answer;
    batch(() => {
      this.trouble.value = null;
      const refused = this.refused.peek()?.filter;
      if (refused !== untracked(this.options.question).filter || refused === answer.question.filter) this.refused.value = null;
      this.publish();
    });
    void this.count(answer);
    this.fill();
  }

  private publish(): void {
    const { answer } = this;
    const head = this.head.peek();
    if (!answer || !head || !this.heads) return;
    const { windows, ...told } = answer;
    const { table, stretches, registry } = assemble(
      { ...head, ...this.heads, revision: answer.revision },
      windows.inOrder(),
      this.besides,
      this.kept,
    );
    const isWhole = answer.found <= FEW && stretches.reduce((sum, { count }) => sum + count, 0) === answer.found;
    batch(() => {
      this.shown.value = { ...told, table, stretches, isWhole };
      this.options.registry.value = registry;
      this.options.table.value = table;
    });
  }

  /** The counts of the sidebar: asked for behind the rows, and only where they are others. */
  private async count({ question, revision }: Answer): Promise<void> {
    const pairs = askedWhich(question);
    const key = `${revision} ${keyOf(pairs)}`;
    if (this.facets.peek()?.key === key && this.facets.peek()?.found) return;
    this.counting.abort();
    const counting = new AbortController();
    this.counting = counting;
    try {
      const { facets } = await this.options.api.window([...pairs, ["facets", "1"], ["first", "0"], ["count", "0"]], counting.signal);
      if (!counting.signal.aborted) this.facets.value = { key, found: facets ?? null, error: null };
    } catch (error) {
      if (!counting.signal.aborted) this.facets.value = { key, found: null, error: sentence(error) };
    }
  }

  /** Asks for the sidebar's counts again. */
  recount(): void {
    if (this.answer) void this.count(this.answer);
  }

  /** The positions of the rows that are on screen. */
  look(positions: number[]): void {
    this.positions = positions;
    clearTimeout(this.lookSoon);
    const wait = Math.max(0, this.lookedAt + LOOK_MS - Date.now());
    this.lookSoon = window.setTimeout(() => this.fill(), wait);
  }

  private wanted(): number[] {
    const found = this.answer?.found ?? 0;
    if (found <= FEW) return windowsOf(Array.from({ length: Math.ceil(found / WINDOW) }, (_, at) => at * WINDOW));
    const rows = this.positions.filter((position) => position >= 0).map((position) => Math.min(position, found - 1));
    const [low, high] = [rows[0] ?? 0, rows.at(-1) ?? 0];
    return windowsOf([Math.max(0, low - AROUND), ...rows, Math.min(found - 1, high + AROUND)]);
  }

  /** Loads what is on screen and not there; what is no longer on screen need not come any more. */
  private fill(): void {
    const { answer } = this;
    if (!answer) return;
    this.lookedAt = Date.now();
    const wanted = this.wanted();
    answer.windows.want(wanted);
    for (const [number, loading] of this.loading) {
      if (wanted.includes(number)) continue;
      loading.abort();
      this.loading.delete(number);
    }
    for (const number of wanted) if (!answer.windows.has(number) && !this.loading.has(number)) void this.fetch(answer, number);
  }

  private async fetch(answer: Answer, number: number): Promise<void> {
    const loading = new AbortController();
    this.loading.set(number, loading);
    try {
      const more = await this.window(asked(answer.question), number, loading.signal);
      if (loading.signal.aborted || this.answer !== answer) return;
      if (more.revision !== answer.revision) {
        this.renew();
        return;
      }
      this.rememberHeads(more);
      answer.windows.put(number, pieceOf(more.table));
      answer.windows.want(this.wanted());
      batch(() => {
        this.trouble.value = null;
        this.publish();
      });
    } catch (error) {
      if (!loading.signal.aborted && this.answer === answer) this.fail(error);
    } finally {
      if (this.loading.get(number) === loading) this.loading.delete(number);
    }
  }

  /**
   * References of the rows at some positions, asked for where they are not there. No later question ends it: somebody
   * waits for these rows.
   */
  async references(positions: readonly number[]): Promise<string[]> {
    const { answer } = this;
    if (!answer) return [];
    const found = new Map<number, readonly string[]>();
    const open = windowsOf(positions);
    let { revision } = answer;
    for (let number = open.shift(); number !== undefined; number = open.shift()) {
      const known = revision === answer.revision ? answer.windows.get(number) : undefined;
      if (known) {
        found.set(number, known.ids);
        continue;
      }
      const { table, revision: now } = await this.window(asked(answer.question), number);
      if (now !== revision) {
        // Rows came or went: parts of two lists would leave rows out, or have them twice.
        open.push(...found.keys());
        found.clear();
        revision = now;
      }
      found.set(number, pieceOf(table).ids);
    }
    return positions.flatMap((position) => found.get(Math.floor(position / WINDOW))?.[position % WINDOW] ?? []);
  }

  private followBeside(ids: readonly string[], table: Table | null): void {
    if (!table?.isPart || this.head.peek() === null) return;
    const missing = ids.filter((id) => !table.indexOf.has(id) && !this.absent.has(id)).slice(0, MOST_BESIDE);
    if (missing.length === 0) return;
    for (const id of missing) this.absent.add(id);
    void this.askBeside(missing, ids);
  }

  private async askBeside(missing: readonly string[], wanted: readonly string[]): Promise<void> {
    try {
      const more = await this.options.api.window([...askedVersions(missing), ["first", "0"], ["count", String(missing.length)]]);
      const piece = pieceOf(more.table);
      for (const id of piece.ids) this.absent.delete(id);
      this.rememberHeads(more);
      this.besides = [...this.besides.filter(({ ids }) => ids.some((id) => wanted.includes(id))), piece];
      this.publish();
    } catch {
      // The panel and the comparison ask for the versions themselves, and say why they can't be had.
    }
  }
}
