/** The button that leads to new rows. */
import type { ComponentChildren } from "preact";
import type { Store } from "../state/store";
import { ROW_HEIGHT } from "./useVirtual";

/** Says that rows arrived above the ones on screen, which stay where they are. */
export function NewsChip(props: { store: Store; scroller: { current: HTMLDivElement | null }; first: number }): ComponentChildren {
  const table = props.store.table.value;
  const list = props.store.rows.items.value.list;
  if (!table || props.store.feed.fresh.value.size === 0) return null;
  const top = Math.floor((props.scroller.current?.scrollTop ?? 0) / ROW_HEIGHT);
  const above = Array.from(list.subarray(0, top)).filter(
    (item) => item >= 0 && props.store.feed.fresh.value.has(table.ids[item] as string),
  );
  if (above.length === 0) return null;
  return (
    <button type="button" class="news" onClick={() => props.scroller.current?.scrollTo({ top: 0 })}>
      ↑ {above.length === 1 ? "1 new version" : `${above.length} new versions`}
    </button>
  );
}
