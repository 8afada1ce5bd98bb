/** One metric across the shown versions, above the table. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { useLazy } from "../../elements/lazy";
import { thin } from "../../model/best";
import { sourceOf } from "../../model/origins";
import { surelyHeld } from "../../model/registry/chips";
import { sortRows } from "../../model/sort";
import { sourceWords } from "../../model/sources";
import type { Store } from "../../state/store";
import { useStore } from "../context";
import { useOver } from "../registry/production";
import { MetricSelect } from "./MetricSelect";
import { OverSelect } from "./OverSelect";
import { useCalmRows } from "./useCalmRows";
import type { PanelView } from "./view";

/** More points can't be told apart at this width, and each costs time when the filter changes. */
const MOST_POINTS = 600;

const loadChart = async () => (await import("../../charts/MetricOverVersions")).MetricOverVersions;

/** In the order of creation, without versions that have no number. */
function usePoints(store: Store, key: string) {
  const table = store.table.value;
  const rows = useCalmRows(store);
  const positions = store.runs.position.value;
  const dark = store.host.dark.value;
  return useMemo(() => {
    const column = table?.columns.get(`m:${key}`);
    const cells = column?.cells;
    if (!table || !rows || cells?.kind !== "number") return { points: [], of: 0 };
    const { values } = cells;
    const { columns, runs } = table.payload;
    const drawn = rows.filter((row) => Number.isFinite(values[row] as number));
    const kept = thin(values, [...sortRows(table, drawn, [{ id: "created", desc: false }])], MOST_POINTS);
    const points = kept.map((row) => {
      const run = runs[columns.run[row] as number];
      return {
        id: table.ids[row] as string,
        model: columns.model.values[columns.model.codes[row] as number] ?? "",
        number: Number(columns.number[row]),
        label: [table.numbers[row], columns.semantic_version[row]].filter(Boolean).join(" · "),
        value: values[row] as number,
        sampled: Boolean(column?.samples?.[row]),
        source: column ? sourceWords(sourceOf(column, row)) : "",
        color: run === undefined ? null : store.runs.color(run),
        created: columns.created[row] ?? null,
        aliases: surelyHeld(table, row),
        parents: (columns.parents[row] ?? []).map((id, at) => ({ id, relation: columns.relations[row]?.[at] ?? "made from" })),
      };
    });
    return { points, of: drawn.length };
  }, [table, rows, key, positions, dark]);
}

/** Of the whole table: what the filter hides was trained too. null: the page does not have the whole table. */
function useColumn(store: Store, key: string) {
  const table = store.table.value;
  return useMemo(() => {
    const cells = table?.columns.get(`m:${key}`)?.cells;
    return table && !table.isPart && cells?.kind === "number" ? { table, values: cells.values } : null;
  }, [table, key]);
}

function Drawing({ metric }: { metric: string }): ComponentChildren {
  const store = useStore();
  const chart = useLazy(loadChart);
  const { points, of } = usePoints(store, metric);
  const column = useColumn(store, metric);
  const over = useOver(store, points);
  const goal = store.table.value?.payload.metrics.find((each) => each.key === metric)?.goal ?? "unknown";
  const metricProp = useMemo(() => ({ key: metric, goal }), [metric, goal]);
  if (points.length === 0) {
    const why = store.rows.shown.value?.rows.length
      ? `None of the shown versions has a value of ${metric}.`
      : "No version matches the filter.";
    return <p class="chart-empty dim">{why}</p>;
  }
  if (chart.state === "failed") {
    return (
      <p class="chart-empty dim">
        The chart could not be loaded.{" "}
        <button type="button" class="plain link" onClick={chart.retry}>
          Try again
        </button>
      </p>
    );
  }
  const Chart = chart.state === "ready" ? chart.value : null;
  return (
    <div class="chart">
      {Chart && (
        <Chart
          metric={metricProp}
          points={points}
          selected={store.view.open.value}
          dark={store.host.dark.value}
          onOpen={(id: string) => store.view.openVersion(id)}
          column={column}
          over={over}
        />
      )}
      {points.length < of && (
        <p class="chart-note dim small">
          {points.length.toLocaleString("en")} of {of.toLocaleString("en")} versions drawn, extremes kept
        </p>
      )}
    </div>
  );
}

function Head(): ComponentChildren {
  const store = useStore();
  if (store.columns.metric.value === null) return null;
  return (
    <>
      <MetricSelect words="at export" />
      <OverSelect />
    </>
  );
}

function Body(): ComponentChildren {
  const store = useStore();
  const metric = store.columns.metric.value;
  if (metric === null) return <p class="chart-empty dim">None of the versions has a metric.</p>;
  return store.feed.settled.value ? <Drawing metric={metric} /> : <div class="chart" />;
}

export const ACROSS_VERSIONS: PanelView = { Head, Body };
