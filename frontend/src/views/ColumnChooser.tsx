/** Which columns the table shows. A metric offers its value at export, the best and the last of its run. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Popover } from "../elements/Popover";
import { NO_CHOICE, setShown } from "../model/choice";
import type { Column, Section } from "../model/columns";
import { useStore } from "./context";

const SECTIONS: Section[] = ["Version", "Metrics", "Measured later", "Hyperparameters", "Labels"];
const MOST = 300;

interface Line {
  title: string;
  hint: string;
  columns: Column[];
}

/** The columns of one metric share a line. */
function linesOf(columns: Column[]): Line[] {
  const lines = new Map<string, Line>();
  for (const column of columns) {
    const key = column.metric ? `m:${column.title}` : column.id;
    const goal = { max: "higher is better", min: "lower is better", unknown: "" }[column.goal];
    const line = lines.get(key) ?? { title: column.title, hint: goal, columns: [] };
    line.columns.push(column);
    lines.set(key, line);
  }
  return [...lines.values()];
}

export function ColumnChooser({ anchor, close }: { anchor: HTMLElement; close(): void }): ComponentChildren {
  const store = useStore();
  const find = useSignal("");
  const { order, visible, defaults } = store.columns.layout.value;
  const shown = new Set(visible);
  const columns = order.flatMap((id) => store.table.value?.columns.get(id) ?? []);
  const found = columns.filter((column) => column.title.toLowerCase().includes(find.value.toLowerCase()));
  const show = (ids: string[], want: boolean): void => store.view.set({ choice: setShown(store.view.choice.value, defaults, ids, want) });
  const foundIds = found.map((column) => column.id);

  const box = (column: Column, label: string): ComponentChildren => (
    <label key={column.id} class="choice">
      <input
        type="checkbox"
        checked={shown.has(column.id)}
        disabled={column.id === "version"}
        aria-label={`${column.title} ${column.caption}`.trim()}
        onChange={(event) => show([column.id], event.currentTarget.checked)}
      />
      <bdi>{label}</bdi>
    </label>
  );

  return (
    <Popover anchor={anchor} label="Columns" role="dialog" close={close} class="chooser">
      <div class="chooser-head">
        <input
          type="search"
          placeholder="Find a column"
          aria-label="Find a column"
          value={find.value}
          onInput={(event) => void (find.value = event.currentTarget.value)}
        />
        <button type="button" class="plain link" onClick={() => show(foundIds, true)}>
          Show all
        </button>
        <button type="button" class="plain link" onClick={() => show(foundIds, false)}>
          None
        </button>
        <button type="button" class="plain link" onClick={() => store.view.set({ choice: NO_CHOICE })}>
          Reset
        </button>
      </div>
      {SECTIONS.map((section) => {
        const lines = linesOf(found.filter((column) => column.section === section));
        if (lines.length === 0) return null;
        return (
          <fieldset key={section}>
            <legend>{section}</legend>
            {lines.slice(0, MOST).map((line) =>
              section === "Metrics" ? (
                <div key={line.title} class="metric-line">
                  <span class="name" title={line.hint}>
                    <bdi>{line.title}</bdi> {line.hint && <span class="dim small">{line.hint}</span>}
                  </span>
                  <span class="three">{line.columns.map((column) => box(column, column.caption))}</span>
                </div>
              ) : (
                line.columns.map((column) => box(column, column.title))
              ),
            )}
            {lines.length > MOST && <p class="dim small">and {lines.length - MOST} more: type to find them</p>}
          </fieldset>
        );
      })}
      {found.length === 0 && <p class="dim">No column with this name.</p>}
    </Popover>
  );
}
