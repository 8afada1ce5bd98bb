/** Nothing moves under the pointer when new rows come. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Table } from "../model/columns";
import type { Items } from "../model/group";
import { indexOfKey, itemKey } from "./cursor";
import type { Window } from "./useVirtual";

/** Keeps the first visible row where it is when other rows come or go above it. */
export function useAnchor(scroller: { current: HTMLDivElement | null }, table: Table, items: Items, view: Window): void {
  const last = useRef<{ table: Table; items: Items } | null>(null);
  useLayoutEffect(() => {
    const before = last.current;
    last.current = { table, items };
    const element = scroller.current;
    if (!before || !element || before.table === table || before.items.order !== items.order) return;
    const busy = element.matches(":hover") || element.contains(document.activeElement);
    const top = view.top();
    if (element.scrollTop === 0 && !busy) return;
    const now = indexOfKey(table, items, itemKey(before.table, before.items, top));
    if (now >= 0 && now !== top) view.shift(now - top);
  });
}
