/** Which rows are on screen. All rows have one height; the sticky header is not counted. */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

export const ROW_HEIGHT = 33;
export const HEAD_HEIGHT = 42;

export interface Window {
  start: number;
  /** Exclusive. */
  end: number;
  total: number;
  reveal(index: number): void;
}

export function useVirtual(scroller: RefObject<HTMLDivElement | null>, count: number): Window {
  const [, redraw] = useState(0);
  const options = {
    count,
    getScrollElement: (): HTMLDivElement | null => scroller.current,
    estimateSize: (): number => ROW_HEIGHT,
    overscan: 6,
    scrollPaddingEnd: HEAD_HEIGHT,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    initialRect: { width: 1000, height: 600 },
    onChange: (): void => redraw((n) => n + 1),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  const items = virtualizer.getVirtualItems();
  return {
    start: items[0]?.index ?? 0,
    end: (items.at(-1)?.index ?? -1) + 1,
    total: virtualizer.getTotalSize(),
    reveal: (index) => virtualizer.scrollToIndex(index, { align: "auto" }),
  };
}
