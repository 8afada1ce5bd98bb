/** The ranges that were set in the charts, whichever chart is shown: each can be removed. */

import type { ComponentChildren } from "preact";
import { Icon } from "../../elements/Icon";
import { brushWords, NO_BRUSH } from "../../model/explore/brush";
import { useStore } from "../context";

export function Brushes(): ComponentChildren {
  const store = useStore();
  const brushes = store.view.brush.value;
  const columns = store.table.value?.columns;
  if (brushes.length === 0) return null;
  return (
    <ul class="brushes" aria-label="Ranges from the charts">
      {brushes.map((brush) => {
        const column = columns?.get(brush.id);
        const title = column ? [column.title, column.caption === "at export" ? "" : column.caption].filter(Boolean).join(" ") : brush.id;
        const words = column ? brushWords(column, brush) : "is not a column here: not applied";
        return (
          <li key={brush.id} class={column ? "brush" : "brush lost"}>
            <bdi>{title}</bdi> <b>{words}</b>
            <button
              type="button"
              class="plain brush-remove"
              aria-label={`Remove the range of ${title}`}
              title="Remove"
              onClick={() => store.view.setBrush({ ...NO_BRUSH, id: brush.id })}
            >
              <Icon name="close" size={14} />
            </button>
          </li>
        );
      })}
      <li>
        <button type="button" class="plain link" onClick={() => store.view.set({ brush: [] })}>
          Clear
        </button>
      </li>
    </ul>
  );
}
