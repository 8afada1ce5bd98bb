/** The panel above the table: one of several charts over the shown versions, folded away on demand. */

import type { ComponentChildren } from "preact";
import { useCallback } from "preact/hooks";
import { Icon } from "../../elements/Icon";
import { useLazy } from "../../elements/lazy";
import { panelId, Tabs, tabId } from "../../elements/Tabs";
import type { Store } from "../../state/store";
import { useStore } from "../context";
import { Brushes } from "./Brushes";
import { fills, KINDS, kindOf, type PanelKind } from "./kinds";
import { loadNeedsAll, loadNothing, loadTooMany } from "./TooMany";
import type { PanelView } from "./view";

const NAME = "panel";
const tabOf = (kind: PanelKind): string => kind.key || "across";
const TABS = KINDS.map((kind) => ({ id: tabOf(kind), label: kind.label }));

function Fold(): ComponentChildren {
  const store = useStore();
  const unfolded = store.view.value.chart;
  const title = unfolded ? "Hide the chart" : "Show the chart";
  return (
    <button
      type="button"
      class="plain fold"
      aria-expanded={unfolded}
      aria-label="Chart"
      title={title}
      onClick={() => store.view.set({ chart: !unfolded }, false)}
    >
      <Icon name={unfolded ? "open" : "folded"} size={20} />
    </button>
  );
}

function Switch({ kind }: { kind: PanelKind }): ComponentChildren {
  const store = useStore();
  const choose = (id: string): void => store.view.set({ panel: KINDS.find((each) => tabOf(each) === id)?.key ?? "", chart: true });
  return <Tabs label="Charts" class="panel-tabs" name={NAME} tabs={TABS} current={tabOf(kind)} onTab={choose} />;
}

function Larger(): ComponentChildren {
  const store = useStore();
  const { large } = store.view.value;
  return (
    <button
      type="button"
      class="plain link larger"
      title={large ? "Show the table again" : "Give the chart the place of the table"}
      onClick={() => store.view.set({ large: !large })}
    >
      {large ? "smaller" : "larger"}
    </button>
  );
}

/** One kind: its choices in the first line, its drawing below. */
function Kind({ kind, load }: { kind: PanelKind; load: () => Promise<PanelView> }): ComponentChildren {
  const store = useStore();
  const view = useLazy(useCallback(load, [load]));
  const unfolded = store.view.value.chart;
  const ready = view.state === "ready" ? view.value : null;
  return (
    <>
      <div class="chart-head">
        <Fold />
        <Switch kind={kind} />
        {unfolded && kind.tall && <Larger />}
        {unfolded && ready?.Head && <ready.Head />}
      </div>
      <Brushes />
      {unfolded && (
        <div class="panel-body" role="tabpanel" id={panelId(NAME)} aria-labelledby={tabId(NAME, tabOf(kind))}>
          {ready ? <ready.Body /> : <div class="chart" />}
          {view.state === "failed" && (
            <p class="chart-empty dim">
              The chart could not be loaded.{" "}
              <button type="button" class="plain link" onClick={view.retry}>
                Try again
              </button>
            </p>
          )}
        </div>
      )}
    </>
  );
}

/** Of what the panel shows, where the page does not have all versions. */
function loadOf(kind: PanelKind, store: Store): () => Promise<PanelView> {
  if (!store.windowed.isOn.value) return kind.load;
  if (kind.needsAll) return loadNeedsAll;
  if (store.rows.isMany.value) return kind.loadMany ?? loadTooMany;
  return store.rows.shown.value ? kind.load : loadNothing;
}

export function ChartPanel(): ComponentChildren {
  const store = useStore();
  const view = store.view.value;
  const kind = kindOf(view.panel);
  const load = loadOf(kind, store);
  const look = ["chart-panel", view.chart ? "" : "folded", kind.tall && view.chart ? "tall" : "", fills(view) ? "large" : ""];
  return (
    <section class={look.filter(Boolean).join(" ")} aria-label={kind.region}>
      {/* Another drawing does not begin with what the last one showed. */}
      <Kind key={load === kind.load ? "all" : load === kind.loadMany ? "many" : "none"} kind={kind} load={load} />
    </section>
  );
}
