/** Nothing moves under the pointer when new rows come. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Table } from "../model/columns";
import type { Items } from "../model/group";
import { indexOfKey, itemKey } from "./cursor";
import { ROW_HEIGHT } from "./useVirtual";

/** Keeps the first visible row where it is when other rows come or go above it. */
export function useAnchor(scroller: { current: HTMLDivElement | null }, table: Table, items: Items): void {
  const last = useRef<{ table: Table; items: Items } | null>(null);
  useLayoutEffect(() => {
    const before = last.current;
    last.current = { table, items };
    const element = scroller.current;
    if (!before || !element || before.table === table) return;
    const busy = element.matches(":hover") || element.contains(document.activeElement);
    if (element.scrollTop === 0 && !busy) return;
    const top = Math.floor(element.scrollTop / ROW_HEIGHT);
    const now = indexOfKey(table, items, itemKey(before.table, before.items, top));
    if (now >= 0 && now !== top) scrollBy(element, (now - top) * ROW_HEIGHT);
  });
}

/** Where there are too few rows to scroll, adds room below them until the reader is back at the top. */
function scrollBy(element: HTMLDivElement, by: number): void {
  const target = element.scrollTop + by;
  element.style.setProperty("--slack", "0px");
  const slack = Math.max(0, target + element.clientHeight - element.scrollHeight);
  element.style.setProperty("--slack", `${slack}px`);
  element.scrollTop = target;
}
