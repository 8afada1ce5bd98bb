/** Keeps the table current: polls while the tab is visible, and less and less often while there is no answer. */
import { signal } from "@preact/signals";
import type { Api } from "../api/api";
import type { Part, TableHead } from "../api/types";

export interface LiveState {
  /** "first": nothing was received yet. */
  phase: "first" | "live" | "failing";
  error: string | null;
  updated: number | null;
  /** When the next request is due, in milliseconds since 1970. */
  due: number;
  /** The first scan of the folders is still running. */
  scanning: boolean;
}

/** Who keeps the table. */
interface Receiver {
  /** Keeps a part of it. */
  take(part: Part): void;
  /** Shows the table; false where a part is missing. */
  show(head: TableHead): Promise<boolean>;
}

const EVERY_MS = 5000;
const SCANNING_MS = 500;
const BACK_OFF_MS = [5000, 10_000, 20_000, 40_000, 60_000];
const BEAT_MS = 250;

export class Live {
  /** false: the first answer is the only one; an export never changes. */
  follows = true;
  readonly state = signal<LiveState>({ phase: "first", error: null, updated: null, due: 0, scanning: true });
  private revision: string | null = null;
  private failures = 0;
  private asking = false;
  private readonly api: Api;
  private readonly visible: () => boolean;
  private readonly receiver: Receiver;

  constructor(api: Api, visible: () => boolean, receiver: Receiver) {
    this.api = api;
    this.visible = visible;
    this.receiver = receiver;
  }

  start(): void {
    void this.ask();
    if (!this.follows) return;
    setInterval(() => {
      if (!this.asking && Date.now() >= this.state.value.due && this.visible()) void this.ask();
    }, BEAT_MS);
  }

  /** Ask at the next beat. */
  hurry(): void {
    this.state.value = { ...this.state.value, due: 0 };
  }

  async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      const head = await this.news();
      const scanning = head ? head.status === "loading" : this.state.value.scanning;
      this.failures = 0;
      const updated = Date.now();
      this.state.value = { phase: "live", error: null, updated, due: updated + (scanning ? SCANNING_MS : EVERY_MS), scanning };
    } catch (error) {
      this.fail(error);
    } finally {
      this.asking = false;
    }
  }

  /** What is new since the table that the page has; null: nothing is. */
  private async news(): Promise<TableHead | null> {
    const take = (part: Part): void => this.receiver.take(part);
    let answer = await this.api.versions(this.revision, take);
    if (answer.notModified) return null;
    if (!(await this.receiver.show(answer.head))) {
      // The page lacks a part that the server took for known.
      answer = await this.api.versions(null, take);
      if (answer.notModified || !(await this.receiver.show(answer.head))) throw new Error("TensorBoard's answer is not complete.");
    }
    this.revision = answer.head.revision;
    return answer.head;
  }

  private fail(error: unknown): void {
    const wait = BACK_OFF_MS[Math.min(this.failures++, BACK_OFF_MS.length - 1)] as number;
    const sentence = error instanceof Error ? error.message : String(error);
    this.state.value = { ...this.state.value, phase: "failing", error: sentence, due: Date.now() + wait };
  }
}
