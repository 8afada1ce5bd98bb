/** The registry as the page shows it: now or at an earlier moment, and whether it may be changed from here. */
import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { Api } from "../api/api";
import type { ActionBody, ActionPayload, ChangesPayload, ModelSaid, Registry, Verb } from "../api/registry";
import type { Host } from "../host/host";
import { logsOf, type Said, SaidOfRows } from "../model/registry/overlay";
import { troublesOf } from "../model/registry/problems";
import { takeToken } from "../model/view";
import type { ViewState } from "./view";

const TOKEN = "tb-versions-token";
const SAID_MS = 8000;

interface Options {
  api: Api;
  host: Host;
  view: ViewState;
  /** What was said of the models, as it is now. */
  now: ReadonlySignal<Registry | null>;
  /** Whether the table shows the newest state only, whatever day is asked for; null: not known yet. Reads signals. */
  stays(): boolean | null;
  /** An export shows and changes nothing. */
  still: boolean;
  /** The table is to be built again with another registry. */
  onThen(): void;
  /** Something was changed: look for news at once. */
  onChanged(): void;
}

const READING: ChangesPayload = { allowed: false, why: "" };

export class RegistryState {
  /** The registry as it was at `view.at`; null while it is not known, and where now is shown. */
  readonly past = signal<Registry | null>(null);
  /** Why the registry at that moment could not be loaded. */
  readonly error = signal<string | null>(null);
  /** What the last change did, in a sentence; for a moment. */
  readonly done = signal("");
  private readonly server = signal<ChangesPayload>(READING);
  private readonly token = signal<string | null>(null);
  private readonly options: Options;

  constructor(options: Options) {
    this.options = options;
  }

  /** What the table shows: null for the newest. Until an earlier state arrives nothing is shown of it. */
  shown(): Registry | null {
    const at = this.options.stays() ? null : this.options.view.at.peek();
    return at === null ? null : (this.past.peek() ?? { at, models: {}, measured: [], measured_values: {} });
  }

  /** Models whose state is not known. */
  readonly troubles = computed(() => troublesOf(this.options.now.value));

  /** Every log as it is now. */
  readonly logs = computed(() => logsOf(this.options.now.value));
  private readonly said = computed(() => new SaidOfRows(this.options.now.value));

  /** Whether there is a log: something was said of a model. */
  readonly exists = computed(() => this.logs.value.some(({ log }) => log.head > 0));

  /** What the log says of a version as it is now, whatever day the table shows. */
  of(id: string): Said {
    return this.said.value.of(id);
  }

  /** The only log of a model; null: it has none, or several. */
  logOf(model: string): ModelSaid | null {
    const found = this.logs.value.filter((each) => each.model === model);
    return found.length === 1 ? (found[0]?.log ?? null) : null;
  }

  /** Asks for news at once. */
  refresh(): void {
    this.options.onChanged();
  }

  /** Whether the registry may be changed from here; if not, `why` says why in a sentence. */
  readonly changes = computed((): ChangesPayload => {
    const { allowed, why } = this.server.value;
    if (!allowed) return { allowed: false, why };
    if (this.token.value === null)
      return { allowed: false, why: "TensorBoard allows changes to whoever opens the link that it printed when it was started." };
    return { allowed: true, why: "" };
  });

  start(): void {
    const { view, host, still } = this.options;
    if (!still) {
      this.takeToken();
      host.onHash(() => this.takeToken());
      void this.askChanges();
    }
    let looked: number | null = null;
    effect(() => {
      const at = view.at.value;
      // Of a table that shows the newest state only, nobody can say what was said of all its models on a day.
      const mayAsk = this.options.stays() === false;
      if (at === looked || (at !== null && !mayAsk)) return;
      looked = at;
      untracked(() => void this.look(at));
    });
  }

  /** Before anything else reads the address: the token must not stay in it. */
  private takeToken(): void {
    const { host } = this.options;
    const taken = takeToken(host.hash());
    if (taken) {
      host.writeHash(taken.hash, false);
      host.remember(TOKEN, taken.token);
      if (this.server.peek() !== READING) void this.askChanges();
    }
    this.token.value = host.recall(TOKEN);
  }

  private async askChanges(): Promise<void> {
    try {
      this.server.value = await this.options.api.changes();
    } catch {
      this.server.value = { allowed: false, why: "" };
    }
  }

  private async look(at: number | null): Promise<void> {
    this.error.value = null;
    if (at === null) {
      this.past.value = null;
      this.options.onThen();
      return;
    }
    // Not the newest state under a date of the past.
    if (this.past.peek() === null) this.options.onThen();
    try {
      const then = await this.options.api.registry(at);
      if (this.options.view.at.peek() !== at) return;
      this.past.value = { ...then, at };
      this.options.onThen();
    } catch (error) {
      if (this.options.view.at.peek() === at) this.error.value = error instanceof Error ? error.message : String(error);
    }
  }

  /** Asks again for the moment that could not be loaded. */
  retry(): void {
    void this.look(this.options.view.at.peek());
  }

  /** Makes a change. Throws an error whose sentence is fit for the reader. */
  async act(verb: Verb, body: ActionBody): Promise<ActionPayload> {
    const answer = await this.options.api.act(verb, body, this.token.peek() ?? "");
    this.done.value = answer.said;
    setTimeout(() => void (this.done.value = ""), SAID_MS);
    this.options.onChanged();
    return answer;
  }
}
