/** The place of the detail panel: right of the table, or over it where the window is narrow. Its left edge resizes it. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef } from "preact/hooks";
import { Icon } from "../elements/Icon";
import { useLazy } from "../elements/lazy";
import { copyText } from "../host/clipboard";
import { useStore } from "./context";

const loadPanel = async () => (await import("./detail/DetailPanel")).DetailPanel;

const NARROWEST = 300;
const FIRST_WIDTH = 380;
const STEP = 32;

function clamp(width: number): number {
  return Math.round(Math.max(NARROWEST, Math.min(width, window.innerWidth * 0.7)));
}

export function DetailHost(): ComponentChildren {
  const store = useStore();
  const id = store.view.open.value;
  const width = useSignal(clamp(FIRST_WIDTH));
  return id === null ? null : <Panel id={id} width={width.value} setWidth={(next) => void (width.value = clamp(next))} />;
}

function Edge({ width, setWidth }: { width: number; setWidth(width: number): void }): ComponentChildren {
  const onPointerDown = (event: PointerEvent): void => {
    event.preventDefault();
    const edge = event.currentTarget as HTMLElement;
    edge.setPointerCapture(event.pointerId);
    edge.onpointermove = (move): void => setWidth(window.innerWidth - move.clientX);
    edge.onpointerup = edge.onpointercancel = (): void => {
      edge.onpointermove = edge.onpointerup = edge.onpointercancel = null;
    };
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowLeft" ? STEP : event.key === "ArrowRight" ? -STEP : 0;
    if (by === 0) return;
    setWidth(width + by);
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that moves has no element of its own
    <div
      class="edge"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label="Width of the detail panel"
      aria-valuenow={width}
      aria-valuemin={NARROWEST}
      aria-valuemax={Math.round(window.innerWidth * 0.7)}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  );
}

function Panel({ id, width, setWidth }: { id: string; width: number; setWidth(width: number): void }): ComponentChildren {
  const store = useStore();
  const panel = useLazy(loadPanel);
  const aside = useRef<HTMLElement>(null);
  const close = useCallback(() => {
    store.view.openVersion(null);
    document.querySelector<HTMLElement>("table.versions")?.focus({ preventScroll: true });
  }, [store]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    close();
  };
  useEffect(() => {
    if (store.narrow.peek()) aside.current?.focus({ preventScroll: true });
  }, []);
  const Detail = panel.state === "ready" ? panel.value : null;
  return (
    <aside ref={aside} class="detail" style={{ "--detail": `${width}px` }} aria-label={`Version ${id}`} tabIndex={-1} onKeyDown={onKeyDown}>
      <Edge width={width} setWidth={setWidth} />
      <div class="detail-body">
        <button type="button" class="plain detail-back only-small" onClick={close}>
          <Icon name="back" />
          &nbsp;Versions
        </button>
        {Detail && (
          <Detail
            id={id}
            api={store.api}
            revision={store.table.value?.payload.revision ?? ""}
            onOpen={(next: string) => store.view.openVersion(next)}
            onClose={close}
            runColor={(name: string) => store.runs.color(name)}
            runLink={(names: string[]) => store.runs.link(names)}
            runParts={(run: string) => store.runs.parts(run)}
            place={store.place}
            still={store.exported !== null}
            copyLink={() => void copyText(store.view.link())}
            tab={store.view.value.tab}
            onTab={(tab: string) => store.view.set({ tab })}
            table={store.table.value}
            registry={store.registry}
            at={store.view.at.value}
            served={store.served.places.value}
            metric={store.windowed.isOn.value ? null : store.columns.metricOf(id)}
            lead={store.columns.leadOf(id)}
            onCompare={(ids: string[]) => store.view.compare(ids)}
            onGraph={store.windowed.isOn.value ? undefined : () => store.view.set({ panel: "lineage", chart: true })}
          />
        )}
        {panel.state === "failed" && (
          <div class="message narrow">
            <p role="alert">This panel could not be loaded.</p>
            <button type="button" class="button" onClick={panel.retry}>
              Try again
            </button>
          </div>
        )}
      </div>
    </aside>
  );
}
