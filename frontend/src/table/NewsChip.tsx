/** The button that leads to new rows. */
import type { ComponentChildren } from "preact";
import type { Store } from "../state/store";

/** Says that rows arrived above the ones on screen, which stay where they are. */
export function NewsChip(props: { store: Store; scroller: { current: HTMLDivElement | null }; top: number }): ComponentChildren {
  const table = props.store.table.value;
  const items = props.store.rows.items.value;
  if (!table || props.store.feed.fresh.value.size === 0) return null;
  const above = [...props.store.feed.fresh.value].filter((id) => {
    const place = items.placeOf(table.indexOf.get(id) ?? Number.NaN);
    return place >= 0 && place < props.top;
  });
  if (above.length === 0) return null;
  return (
    <button type="button" class="news" onClick={() => props.scroller.current?.scrollTo({ top: 0 })}>
      ↑ {above.length === 1 ? "1 new version" : `${above.length} new versions`}
    </button>
  );
}
