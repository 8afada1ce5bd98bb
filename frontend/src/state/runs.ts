/** The runs that TensorBoard knows: their colours, and where a click on them leads. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Head } from "../api/head";
import type { Host } from "../host/host";
import type { Table } from "../model/columns";
import { curveMembers, curvesHash, paletteColor, type RunLink, runLink } from "../model/runs";
import { byTraining, trainingOf, trainingsOf } from "../model/trainings";

export class Runs {
  /** Names in TensorBoard's own order; null until it answers. */
  readonly known = signal<string[] | null>(null);
  private readonly table: ReadonlySignal<Table | null>;
  private readonly host: Host;
  private readonly exported: Head | null;

  constructor(table: ReadonlySignal<Table | null>, host: Host, exported: Head | null) {
    this.table = table;
    this.host = host;
    this.exported = exported;
  }

  async ask(): Promise<void> {
    const runs = await this.host.runs();
    if (runs && runs.join("\n") !== this.known.value?.join("\n")) this.known.value = runs;
  }

  /** Positions in TensorBoard's list, which decide the colours; an export remembers them. */
  readonly position = computed(() =>
    this.exported
      ? new Map(this.exported.runs.map((run) => [run.name, run.color]))
      : new Map((this.known.value ?? []).map((run, index) => [run, index])),
  );

  color(name: string): string | null {
    const position = this.position.value.get(name);
    return position === undefined ? null : paletteColor(position, this.host.dark.value);
  }

  /** The run whose colour a training has: the one that its first version was exported from, else its first. */
  private readonly leading = computed(() => {
    const payload = this.table.value?.payload;
    const found = new Map([...this.trainings.value].map(([name, runs]) => [name, runs[0] as string]));
    const { all, ofRun } = payload ? trainingsOf(payload) : { all: [], ofRun: [] };
    for (const { name, rows } of all) {
      const of = rows.map((row) => payload?.columns.run[row] ?? -1).find((run) => run >= 0 && all[ofRun[run] as number]?.name === name);
      if (of !== undefined) found.set(name, payload?.runs[of] as string);
    }
    return found;
  });

  trainingColor(name: string): string | null {
    return this.color(this.leading.value.get(name) ?? name);
  }

  /** The known runs by their training; those of the versions until TensorBoard answers. */
  private readonly trainings = computed(() => byTraining(this.known.value ?? this.table.value?.payload.runs ?? []));

  /** All runs of a run's training: "mlp/train" and "mlp/validation" for each of them. */
  parts(run: string): string[] {
    return this.trainings.value.get(trainingOf(run)) ?? [run];
  }

  /** Whether runs lead to a TensorBoard; those of an export without an address lead to its own curves. */
  get haveTimeSeries(): boolean {
    return this.exported === null || this.host.base() !== "";
  }

  /** All known runs, and the links made so far. */
  private readonly links = computed(() => ({
    all: this.known.value ?? this.table.value?.payload.runs ?? [],
    made: new Map<string, RunLink>(),
  }));

  link(names: string[]): RunLink {
    const { made } = this.links.value;
    const key = names.join("\n");
    const link = made.get(key) ?? this.newLink(names);
    made.set(key, link);
    return link;
  }

  private newLink(names: string[]): RunLink {
    const table = this.table.value;
    if (!this.haveTimeSeries && table) return { href: curvesHash(curveMembers(table.payload, names)), target: "_self" };
    const href = runLink(this.host.base(), names, this.links.value.all);
    return this.exported ? { href, target: "_blank", rel: "noopener noreferrer" } : { href, target: "_parent" };
  }
}
