/** The same table in TanStack Table's row model: accessors into our columns, its own sorting and filtering. */
import { storeReactivityBindings } from "@tanstack/table-core/store-reactivity-bindings";

/** `measure(name, run)` reports one figure. */
export function bench(core, payload, measure) {
  const features = core.tableFeatures({
    coreReactivityFeature: storeReactivityBindings(),
    rowSortingFeature: core.rowSortingFeature,
    columnFilteringFeature: core.columnFilteringFeature,
    sortedRowModel: core.createSortedRowModel(),
    filteredRowModel: core.createFilteredRowModel(),
    sortFns: core.sortFns,
    filterFns: core.filterFns,
  });
  const helper = core.createColumnHelper();
  const column = (id, values) =>
    helper.accessor((row) => values[row.index], { id, sortFn: "basic", filterFn: "inNumberRange", sortUndefined: "last" });
  const { columns } = payload;
  const definitions = helper.columns([
    ...["id", "number", "created", "step", "size"].map((name) => column(name, columns[name])),
    ...payload.metrics.map((metric) => column(metric.key, metric.at_export)),
    ...payload.hyperparameters.map((hp) => column(hp.name, hp.values)),
  ]);
  const data = columns.id.map((id, index) => ({ id, index }));
  const make = () => core.constructTable({ features, columns: definitions, data, getRowId: (row) => row.id });
  measure("rows from the data", () => make().getRowModel());
  const table = make();
  table.getRowModel();
  let desc = true;
  for (const id of ["metric_1", "hp_0", "created"]) {
    measure(`sort by ${id}`, () => {
      desc = !desc;
      table.setSorting([{ id, desc }]);
      table.getRowModel();
    });
  }
  let least = 0.5;
  table.setSorting([]);
  measure("filter with one condition", () => {
    least += 0.001;
    table.setColumnFilters([{ id: "metric_1", value: [least, 2] }]);
    table.getRowModel();
  });
}
