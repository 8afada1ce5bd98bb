/** Where the shown versions come from: the panel above the table as a graph. */
import type { ComponentChildren } from "preact";
import { useCallback, useMemo } from "preact/hooks";
import { adopt } from "../../elements/css";
import { printed } from "../../model/columns";
import { formatCount, formatMetric } from "../../model/format";
import { type LineageEdge, type LineageNode, lineageOf } from "../../model/lineage/graph";
import { layOut } from "../../model/lineage/layout";
import { relativesOf } from "../../model/lineage/relatives";
import { kindsOf, nodeInWords } from "../../model/lineage/words";
import { sourceOf } from "../../model/origins";
import { chipsOf } from "../../model/registry/chips";
import { sourceWords } from "../../model/sources";
import type { Store } from "../../state/store";
import { useStore } from "../context";
import { MetricSelect } from "../panel/MetricSelect";
import { useCalmRows } from "../panel/useCalmRows";
import type { PanelView } from "../panel/view";
import { Legend } from "./Edges";
import { Graph } from "./Graph";
import css from "./lineage.css?inline";
import type { NodeLook } from "./Node";

adopt(css);

function Toggle({ part, label }: { part: string; label: string }): ComponentChildren {
  const store = useStore();
  const { without } = store.view.value;
  const on = !without.includes(part);
  const change = (): void => store.view.set({ without: on ? [...without, part] : without.filter((each) => each !== part) });
  return (
    <label class="lg-toggle">
      <input type="checkbox" checked={on} onChange={change} /> {label}
    </label>
  );
}

function Head(): ComponentChildren {
  return (
    <>
      <MetricSelect words="at export" />
      <Toggle part="runs" label="runs" />
      <Toggle part="data" label="datasets" />
    </>
  );
}

/** The graph and its layout. Opening a version that is in the graph does not compute them again. */
function useLineage(store: Store) {
  const table = store.table.value;
  const rows = useCalmRows(store);
  const { without } = store.view.value;
  const open = store.view.open.value;
  const relatives = useMemo(() => table && relativesOf(table), [table]);
  const ask = [without.includes("runs"), without.includes("data")];
  const focus = (open === null ? undefined : table?.indexOf.get(open)) ?? null;
  const lineage = useMemo(
    () => relatives && rows && lineageOf(relatives, { rows, focus, runs: !ask[0], datasets: !ask[1] }),
    [relatives, rows, focus, ...ask],
  );
  const shape = lineage ? JSON.stringify([lineage.nodes.map((node) => node.key), lineage.edges]) : "";
  const layout = useMemo(() => lineage && layOut(lineage), [shape]);
  return { lineage, layout };
}

const NONE: readonly LineageEdge[] = [];

function useLook(store: Store, edges: readonly LineageEdge[]) {
  const table = store.table.value;
  const metric = store.columns.metric.value;
  const open = store.view.open.value;
  const positions = store.runs.position.value;
  const dark = store.host.dark.value;
  return useMemo(() => {
    const column = table?.columns.get(`m:${metric}`);
    const columns = table?.payload.columns;
    return (node: LineageNode): Omit<NodeLook, "box" | "isStop"> => {
      const shown = column && node.row >= 0 ? printed(column, node.row) : null;
      const value = shown === null ? "" : formatMetric(shown);
      const source = column && value ? sourceWords(sourceOf(column, node.row)) : "";
      const run = node.row < 0 ? node.runs[0] : table?.payload.runs[columns?.run[node.row] as number];
      const leads = node.kind === "run" && (positions.size === 0 || node.runs.some((each) => positions.has(each)));
      const chips = table && node.row >= 0 ? chipsOf(table, node.row) : [];
      const names = chips.map((chip) => [chip.name, chip.unknown].filter(Boolean).join(" "));
      return {
        words: nodeInWords(node, edges, [...names, value && `${metric} ${value}${source && ` (${source})`}`].filter(Boolean).join(", ")),
        chips,
        metric: metric ?? "",
        value,
        color: run === undefined ? null : store.runs.color(run),
        link: leads ? store.runs.link(node.runs) : null,
        isOpen: node.row >= 0 && table?.ids[node.row] === open,
      };
    };
  }, [table, metric, open, positions, dark, edges]);
}

function Drawing(): ComponentChildren {
  const store = useStore();
  const { lineage, layout } = useLineage(store);
  const look = useLook(store, lineage?.edges ?? NONE);
  const onOpen = useCallback((id: string) => store.view.openVersion(id), [store]);
  if (!lineage || !layout) return <div class="chart" />;
  if (lineage.nodes.length === 0) return <p class="chart-empty dim">No version is shown.</p>;
  const newest = lineage.nodes.filter((node) => node.kind === "version").at(-1)?.key ?? "";
  const open = `version ${store.view.open.value}`;
  const cut = lineage.around !== null && `${formatCount(lineage.nodes.length)} of ${formatCount(lineage.total)} shown`;
  return (
    <div class="lg">
      <Graph
        lineage={lineage}
        layout={layout}
        anchor={layout.boxes.has(open) ? open : lineage.around !== null ? `version ${lineage.around}` : newest}
        open={store.view.open.value === null ? null : open}
        look={look}
        onOpen={onOpen}
      />
      <div class="lg-foot small">
        <Legend kinds={kindsOf(lineage)} />
        {cut && (
          <p>
            {cut}: the nearest to <bdi>{lineage.around}</bdi>. Open another version to see what is around it.
          </p>
        )}
        {lineage.notes.map((note) => (
          <p key={note}>{note}</p>
        ))}
      </div>
    </div>
  );
}

function Body(): ComponentChildren {
  return useStore().feed.settled.value ? <Drawing /> : <div class="chart" />;
}

export const LINEAGE: PanelView = { Head, Body };
