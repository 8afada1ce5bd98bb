/** What the marks of sources mean; a click shows the versions that have such numbers. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Popover } from "../elements/Popover";
import { formatCount } from "../model/format";
import { SOURCE_NAMES, SOURCES } from "../model/sources";
import { useStore } from "./context";

/** How many versions have numbers from each source, of those that a click would show: hidden ones do not count. */
function useCounts(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const store = useStore();
  const cells = store.table.value?.columns.get("sources")?.cells;
  if (cells?.kind !== "list") return counts;
  for (const row of store.rows.unfiltered.value) {
    for (const name of cells.values[row] ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function Legend({ anchor, close }: { anchor: HTMLElement; close(): void }): ComponentChildren {
  const store = useStore();
  const counts = useCounts();
  const show = (name: string): void => {
    store.view.set({ q: `sources = ${name}`, compare: [] });
    close();
  };
  return (
    <Popover anchor={anchor} label="Where numbers are from" role="dialog" close={close} class="source-legend">
      <h2>Where numbers are from</h2>
      <dl>
        {SOURCE_NAMES.map((name) => (
          <div key={name}>
            <dt>
              <span class="source" aria-hidden="true">
                {SOURCES[name][0]}
              </span>{" "}
              {SOURCES[name][1]}
            </dt>
            <dd>
              {SOURCES[name][2]}{" "}
              {counts.has(name) && (
                <button type="button" class="plain link" onClick={() => show(name)}>
                  Show {counts.get(name) === 1 ? "1 version" : `${formatCount(counts.get(name) ?? 0)} versions`}
                </button>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <p class="dim">
        A mark in a header holds for the whole column. Steps, times, sizes and hyperparameters without a mark are as the manifest has them.
        Filters: <code>sources = inferred</code>, <code>source.accuracy = typed</code>.
      </p>
    </Popover>
  );
}

/** `look`: of the button; a link by default. */
export function SourceLegend({ look = "plain link" }: { look?: string }): ComponentChildren {
  const open = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <span class="legend">
      <button
        ref={button}
        type="button"
        class={look}
        aria-haspopup="dialog"
        aria-expanded={open.value}
        onClick={() => void (open.value = !open.value)}
      >
        <span aria-hidden="true">≡◆∿&nbsp;</span>sources
      </button>
      {open.value && button.current && <Legend anchor={button.current} close={() => void (open.value = false)} />}
    </span>
  );
}
