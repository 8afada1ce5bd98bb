/** The charts of the panel above the table. A new chart is a new entry in this list. */
import type { View } from "../../model/view";
import { ACROSS_VERSIONS } from "./AcrossVersions";
import type { PanelView } from "./view";

export interface PanelKind {
  /** In the address: `panel=scatter`. The first kind, which has none, is shown where nothing else is asked for. */
  key: string;
  label: string;
  /** Name of the region for screen readers. */
  region: string;
  /** Needs height: about half of the window, and all of it on demand. */
  tall: boolean;
  load(): Promise<PanelView>;
  /** Of more versions than the page has; without it the chart is not drawn then. */
  loadMany?(): Promise<PanelView>;
  /** Needs all versions, whatever is shown of them. */
  needsAll?: true;
}

export const KINDS: readonly PanelKind[] = [
  {
    key: "",
    label: "Across versions",
    region: "Metric across versions",
    tall: false,
    load: async () => ACROSS_VERSIONS,
    loadMany: async () => (await import("../explore")).ACROSS_DENSITY,
  },
  {
    key: "scatter",
    label: "Scatter",
    region: "Scatter chart",
    tall: true,
    load: async () => (await import("../explore")).SCATTER,
    loadMany: async () => (await import("../explore")).SCATTER_DENSITY,
  },
  { key: "matrix", label: "Scatter matrix", region: "Scatter matrix", tall: true, load: async () => (await import("../explore")).MATRIX },
  {
    key: "parallel",
    label: "Parallel coordinates",
    region: "Parallel coordinates",
    tall: true,
    load: async () => (await import("../explore")).PARALLEL,
  },
  {
    key: "lineage",
    label: "Lineage",
    region: "Lineage of the shown versions",
    tall: true,
    load: async () => (await import("../lineage/LineagePanel")).LINEAGE,
    needsAll: true,
  },
  {
    key: "history",
    label: "History",
    region: "History of a model",
    tall: true,
    load: async () => (await import("../registry/HistoryPanel")).HISTORY,
    loadMany: async () => (await import("../registry/HistoryPanel")).HISTORY,
  },
];

export function kindOf(key: string): PanelKind {
  return KINDS.find((kind) => kind.key === key) ?? (KINDS[0] as PanelKind);
}

/** Whether the panel has the table's place too. */
export function fills(view: View): boolean {
  return view.large && view.chart && kindOf(view.panel).tall;
}
