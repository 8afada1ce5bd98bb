/** Which columns are shown, and what stands out in them: follows from the table, the view and the shown rows. */
import { computed, type ReadonlySignal } from "@preact/signals";
import type { Coded } from "../api/types";
import { bestValues } from "../model/best";
import { defaultColumns, layout, naturalOrder } from "../model/choice";
import type { Table } from "../model/columns";
import { leading, leadsOf, type Models, metricsOf, modelsNamed } from "../model/lead";
import { twinsOf } from "../model/twins";
import type { Rows } from "./rows";
import type { ViewState } from "./view";

export class Columns {
  private readonly table: ReadonlySignal<Table | null>;
  private readonly view: ViewState;
  private readonly rows: Rows;

  constructor(table: ReadonlySignal<Table | null>, view: ViewState, rows: Rows) {
    this.table = table;
    this.view = view;
    this.rows = rows;
  }

  /** Code of the model that all shown rows have; null where they have several, or there are none. */
  private readonly onlyModel = computed(() => {
    const codes = this.table.value?.payload.columns.model.codes ?? [];
    const rows = this.rows.shown.value?.rows ?? new Uint32Array(0);
    const [first] = rows;
    return first !== undefined && rows.every((row) => codes[row] === codes[first]) ? (codes[first] ?? null) : null;
  });

  /** The models whose metrics count: the ticked ones, else the one that a filter leaves, else all. */
  readonly models = computed((): Models => {
    const table = this.table.value;
    const ticked = table && modelsNamed(table, this.view.models.value);
    if (ticked) return ticked;
    return this.onlyModel.value === null ? null : new Set([this.onlyModel.value]);
  });

  private readonly natural = computed(() => (this.table.value ? naturalOrder(this.table.value, this.models.value) : []));

  private readonly oneModel = computed(() => {
    const names = this.table.value?.payload.columns.model.values.length ?? 0;
    return names <= 1 || this.view.models.value.length === 1 || this.view.group.value === "model";
  });

  private readonly defaults = computed(() =>
    this.table.value ? defaultColumns(this.table.value, this.oneModel.value, this.models.value) : new Set<string>(),
  );

  readonly layout = computed(() => layout(this.natural.value, this.defaults.value, this.view.choice.value));

  readonly visible = computed(() => {
    const table = this.table.value;
    return table ? this.layout.value.visible.flatMap((id) => table.columns.get(id) ?? []) : [];
  });

  /** The metrics that a chart can show: those of the models that count, their leads first. */
  readonly metrics = computed(() => (this.table.value ? metricsOf(this.table.value, this.models.value) : []));

  /** Key of the metric that the charts show. */
  readonly metric = computed(() => {
    const asked = this.view.value.metric;
    const keys = this.metrics.value.map((metric) => metric.key);
    return asked !== null && keys.includes(asked) ? asked : (keys[0] ?? null);
  });

  /** Key of the metric by which a version is judged: the one of the charts where its model has it, else its model's lead. */
  metricOf(id: string): string | null {
    const table = this.table.value;
    const code = table?.payload.columns.model.codes[table.indexOf.get(id) ?? -1];
    if (!table || code === undefined) return this.metric.value;
    const own = metricsOf(table, new Set([code])).map((metric) => metric.key);
    const { value } = this.metric;
    return value !== null && own.includes(value) ? value : (own[0] ?? null);
  }

  /** Key of the lead metric of each model, by the model's code. */
  readonly leads = computed(() => (this.table.value ? leadsOf(this.table.value) : []));

  /** What the reader is told of a metric that leads: whether a version names it or it is guessed; "" of any other. */
  leadWords(key: string): string {
    const table = this.table.value;
    const how = table && leading(table, this.models.value, key);
    return how ? (how === "named" ? "lead metric" : "lead metric (guessed: no version names one)") : "";
  }

  /** Key of the lead metric of a version's model. */
  leadOf(id: string): string | null {
    const table = this.table.value;
    const code = table?.payload.columns.model.codes[table.indexOf.get(id) ?? -1];
    return this.leads.value[code ?? -1] ?? null;
  }

  /** Best values of each visible metric column among the shown rows, by the model's code; see `bestValues`. */
  readonly best = computed(() => {
    const rows = this.rows.shown.value?.rows ?? new Uint32Array(0);
    const models = this.table.value?.payload.columns.model;
    const metrics = models ? this.visible.value.filter((column) => column.metric !== null) : [];
    return new Map(metrics.map((column) => [column, bestValues(column, rows, models as Coded)]));
  });

  /** Digests that more than one version has, with their number. */
  readonly twins = computed(() => (this.table.value ? twinsOf(this.table.value) : new Map<string, number>()));
}
