/** Which columns are shown, and what stands out in them: follows from the table, the view and the shown rows. */
import { computed, type ReadonlySignal } from "@preact/signals";
import type { Coded } from "../api/types";
import { bestValues } from "../model/best";
import { defaultColumns, layout, naturalOrder } from "../model/choice";
import type { Table } from "../model/columns";
import { leading, leadsOf, type Models, metricsOf, modelsNamed } from "../model/lead";
import { twinsOf } from "../model/twins";
import type { Metric } from "../model/whole";
import { onlyName } from "../model/windows/tally";
import type { Rows } from "./rows";
import type { ViewState } from "./view";
import type { Windowed } from "./windowed";

const NO_TWINS: ReadonlyMap<string, number> = new Map();

/** Which columns are shown of very many rows: as the first rows suggest it, and then the same while the page scrolls. */
interface FirstLook {
  natural: string[];
  defaults: Set<string>;
  metrics: string[];
}

export class Columns {
  private readonly table: ReadonlySignal<Table | null>;
  private readonly view: ViewState;
  private readonly rows: Rows;
  private readonly windowed: Windowed;
  /** By the models that count. */
  private readonly first = new Map<string, FirstLook>();

  constructor(table: ReadonlySignal<Table | null>, view: ViewState, rows: Rows, windowed: Windowed) {
    this.table = table;
    this.view = view;
    this.rows = rows;
    this.windowed = windowed;
  }

  /** Name of the model that all shown versions have where the server counts; else null. */
  private readonly countedModel = computed(() => onlyName(this.windowed.facets.value?.found ?? null, "models"));

  /** Code of the model that all shown rows have; null where they have several, or there are none. */
  private readonly onlyModel = computed(() => {
    const model = this.table.value?.payload.columns.model;
    if (this.windowed.isOn.value) {
      const code = model?.values.indexOf(this.countedModel.value ?? "") ?? -1;
      return code < 0 ? null : code;
    }
    const codes = model?.codes ?? [];
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

  private readonly oneModel = computed(() => {
    const table = this.table.value;
    const ticked = this.view.models.value.length === 1 || this.view.group.value === "model";
    if (table?.isPart) return ticked || this.onlyModel.value !== null;
    const names = table?.payload.columns.model.values.length ?? 0;
    return names <= 1 || ticked;
  });

  /** null: the page has all rows, and what is shown follows from all. */
  private readonly firstLook = computed((): FirstLook | null => {
    const table = this.table.value;
    if (!table?.isPart) return null;
    const ticked = this.view.models.value;
    const which = ticked.length > 0 ? ticked : this.countedModel.value === null ? [] : [this.countedModel.value];
    const key = JSON.stringify([this.oneModel.value, ...which]);
    const known = this.first.get(key);
    if (known) return known;
    const models = this.models.value;
    const defaults = defaultColumns(table, this.oneModel.value, models);
    // Files are looked at when a version is opened.
    if (table.payload.columns.state.values.every((state) => state === "unchecked")) defaults.delete("state");
    const made = {
      natural: naturalOrder(table, models),
      defaults,
      metrics: metricsOf(table, models).map((metric) => metric.key),
    };
    if (table.count > 0) this.first.set(key, made);
    return made;
  });

  private readonly natural = computed(() => {
    const table = this.table.value;
    if (!table) return [];
    const first = this.firstLook.value;
    return first ? [...new Set([...first.natural, ...table.columns.keys()])] : naturalOrder(table, this.models.value);
  });

  private readonly defaults = computed(() => {
    const table = this.table.value;
    if (!table) return new Set<string>();
    return this.firstLook.value?.defaults ?? defaultColumns(table, this.oneModel.value, this.models.value);
  });

  readonly layout = computed(() => layout(this.natural.value, this.defaults.value, this.view.choice.value));

  readonly visible = computed(() => {
    const table = this.table.value;
    return table ? this.layout.value.visible.flatMap((id) => table.columns.get(id) ?? []) : [];
  });

  /** The metrics that a chart can show: those of the models that count, their leads first. */
  readonly metrics = computed((): Metric[] => {
    const table = this.table.value;
    if (!table) return [];
    const first = this.firstLook.value;
    if (!first) return metricsOf(table, this.models.value);
    const place = new Map(first.metrics.map((key, at) => [key, at]));
    const at = ({ key }: Metric): number => place.get(key) ?? first.metrics.length;
    return table.payload.metrics.toSorted((a, b) => at(a) - at(b));
  });

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
    if (!table || code === undefined || table.isPart) return this.metric.value;
    const own = metricsOf(table, new Set([code])).map((metric) => metric.key);
    const { value } = this.metric;
    return value !== null && own.includes(value) ? value : (own[0] ?? null);
  }

  /** Key of the lead metric of each model, by the model's code. */
  readonly leads = computed(() => (this.table.value && !this.table.value.isPart ? leadsOf(this.table.value) : []));

  /** What the reader is told of a metric that leads: whether a version names it or it is guessed; "" of any other. */
  leadWords(key: string): string {
    const table = this.table.value;
    // Which metric leads follows from all versions of a model.
    const how = table && !table.isPart && leading(table, this.models.value, key);
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
  readonly twins = computed(() => (this.table.value && !this.table.value.isPart ? twinsOf(this.table.value) : NO_TWINS));
}
