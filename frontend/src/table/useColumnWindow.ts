/** Which columns are on screen: with very many of them, only these have cells. The first one is always there. */
import { useLayoutEffect, useState } from "preact/hooks";
import type { Column } from "../model/columns";

export interface ColumnWindow {
  /** Index of the first column with cells, behind column 0. */
  from: number;
  /** Exclusive. */
  to: number;
}

const MARGIN = 500;
/** Up to this many columns, all are rendered. */
const FEW = 24;

export function columnWindow(widths: number[], left: number, viewport: number): ColumnWindow {
  if (widths.length <= FEW) return { from: 1, to: widths.length };
  let [from, to, x] = [1, widths.length, 0];
  for (let i = 1; i < widths.length; i++) {
    const end = x + (widths[i] as number);
    if (end < left - MARGIN) from = i + 1;
    if (x > left + viewport + MARGIN) {
      to = i;
      break;
    }
    x = end;
  }
  return { from: Math.min(from, to), to };
}

export function useColumnWindow(
  scroller: { current: HTMLDivElement | null },
  columns: Column[],
  widths: Map<string, number>,
): ColumnWindow {
  const [place, setPlace] = useState({ left: 0, viewport: window.innerWidth });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    // In steps of half the margin, so that most scrolling renders nothing.
    const read = (): void => {
      const left = Math.round(element.scrollLeft / (MARGIN / 2)) * (MARGIN / 2);
      const viewport = Math.ceil(element.clientWidth / (MARGIN / 2)) * (MARGIN / 2);
      setPlace((old) => (old.left === left && old.viewport === viewport ? old : { left, viewport }));
    };
    read();
    const observer = new ResizeObserver(read);
    observer.observe(element);
    element.addEventListener("scroll", read, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", read);
    };
  }, []);
  return columnWindow(
    columns.map((column) => widths.get(column.id) ?? 100),
    place.left,
    place.viewport,
  );
}
