/** Which columns are shown, and what stands out in them: follows from the table, the view and the shown rows. */
import { computed, type ReadonlySignal } from "@preact/signals";
import { bestValue } from "../model/best";
import { defaultColumns, layout, leadingMetric, naturalOrder } from "../model/choice";
import type { Column, Table } from "../model/columns";
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

  private readonly natural = computed(() => (this.table.value ? naturalOrder(this.table.value) : []));

  private readonly oneModel = computed(() => {
    const names = this.table.value?.payload.columns.model.values.length ?? 0;
    return names <= 1 || this.view.models.value.length === 1 || this.view.group.value === "model";
  });

  private readonly defaults = computed(() =>
    this.table.value ? defaultColumns(this.table.value, this.oneModel.value) : new Set<string>(),
  );

  readonly layout = computed(() => layout(this.natural.value, this.defaults.value, this.view.choice.value));

  readonly visible = computed(() => {
    const table = this.table.value;
    return table ? this.layout.value.visible.flatMap((id) => table.columns.get(id) ?? []) : [];
  });

  /** Key of the metric that the charts show. */
  readonly metric = computed(() => {
    const table = this.table.value;
    const asked = this.view.value.metric;
    if (!table) return null;
    return asked !== null && table.columns.has(`m:${asked}`) ? asked : leadingMetric(table);
  });

  /** Best value of each visible metric column among the shown rows. */
  readonly best = computed(() => {
    const rows = this.rows.shown.value?.rows ?? new Uint32Array(0);
    const best = new Map<Column, number>();
    for (const column of this.visible.value) {
      const value = bestValue(column, rows);
      if (value !== null) best.set(column, value);
    }
    return best;
  });

  /** Digests that more than one version has, with their number. */
  readonly twins = computed(() => {
    const counts = new Map<string, number>();
    for (const digest of this.table.value?.payload.columns.digest ?? []) if (digest) counts.set(digest, (counts.get(digest) ?? 0) + 1);
    return counts;
  });
}
