/** What part of a graph is seen, and how large: it scrolls, zooms, and follows the pointer that drags it. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Box } from "../../model/lineage/boxes";
import type { Layout } from "../../model/lineage/layout";
import { firstZoom, fitting, zoomed } from "../../model/lineage/zoom";

export interface Sight {
  zoom: number;
  scroller: { current: HTMLDivElement | null };
  zoomBy(factor: number): void;
  fit(): void;
  onPointerDown(event: PointerEvent): void;
}

interface Anchor {
  /** Place in the graph … */
  x: number;
  y: number;
  /** … that stays at this place of the window. */
  left: number;
  top: number;
}

function centre(box: Box): { x: number; y: number } {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Width of what is seen: in a narrow window the details of a version lie over the rest. */
function seenWidth(room: HTMLElement): number {
  const { left, right } = room.getBoundingClientRect();
  const cover = document.querySelector("aside.detail")?.getBoundingClientRect().left ?? right;
  return cover > left ? Math.min(right, cover) - left : right - left;
}

/** Zooms where the pointer is with Ctrl and the wheel; the browser would zoom the page. */
function useWheel(scroller: Sight["scroller"], zoomAt: (factor: number, left: number, top: number) => void): void {
  useEffect(() => {
    const room = scroller.current;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { left, top } = (event.currentTarget as HTMLElement).getBoundingClientRect();
      zoomAt(Math.exp(-event.deltaY / 400), event.clientX - left, event.clientY - top);
    };
    room?.addEventListener("wheel", onWheel, { passive: false });
    return () => room?.removeEventListener("wheel", onWheel);
  }, [zoomAt]);
}

/** `key`: of the node that must stay in sight when the graph changes. `centred`: it is where the graph is looked at first. */
export function useSight(layout: Layout, key: string, centred: boolean): Sight {
  const scroller = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(0);
  const anchor = useRef<Anchor | null>(null);
  const before = useRef<Layout | null>(null);
  const zoomRef = useRef(zoom);
  zoomRef.current = zoom;

  const zoomAt = useCallback((factor: number, left: number, top: number) => {
    const room = scroller.current;
    const old = zoomRef.current;
    if (!room || old === 0) return;
    anchor.current = { x: (room.scrollLeft + left) / old, y: (room.scrollTop + top) / old, left, top };
    setZoom(zoomed(old, factor));
  }, []);
  useWheel(scroller, zoomAt);

  useLayoutEffect(() => {
    const room = scroller.current;
    const held = anchor.current;
    if (!room || !held) return;
    room.scrollTo(held.x * zoom - held.left, held.y * zoom - held.top);
    anchor.current = null;
  }, [zoom]);

  useLayoutEffect(() => {
    const room = scroller.current;
    const box = layout.boxes.get(key);
    const old = before.current?.boxes.get(key);
    before.current = layout;
    if (!room) return;
    const to = zoomRef.current || firstZoom(layout, room.clientWidth, room.clientHeight);
    setZoom(to);
    if (!zoomRef.current && !centred) {
      // Without a version in question it starts where it begins; in a narrow room at the runs and versions, not at their data.
      const seen = [...layout.boxes].filter(([each, { y }]) => /^(run|version) /.test(each) && y * to < room.clientHeight);
      anchor.current = { x: Math.min(layout.width, ...seen.map(([, { x }]) => x)), y: 0, left: 16, top: 0 };
      return;
    }
    if (!box) return;
    const { x, y } = centre(box);
    if (old && zoomRef.current) room.scrollBy((box.x - old.x) * to, (box.y - old.y) * to);
    const [left, top] = [x * to - room.scrollLeft, y * to - room.scrollTop];
    const width = seenWidth(room);
    const seen = zoomRef.current && left > 0 && top > 0 && left < width && top < room.clientHeight;
    if (seen) return;
    anchor.current = { x, y, left: width / 2, top: room.clientHeight / 2 };
    if (zoomRef.current) room.scrollTo(x * to - width / 2, y * to - room.clientHeight / 2);
  }, [layout, key]);

  const zoomBy = useCallback(
    (factor: number) => {
      const room = scroller.current;
      if (room) zoomAt(factor, room.clientWidth / 2, room.clientHeight / 2);
    },
    [zoomAt],
  );
  const fit = useCallback(() => {
    const room = scroller.current;
    if (room) setZoom(fitting(layout, room.clientWidth, room.clientHeight));
  }, [layout]);
  const onPointerDown = useCallback((event: PointerEvent) => {
    const room = scroller.current;
    if (!room || event.button !== 0 || event.pointerType === "touch" || (event.target as Element).closest("[data-node]")) return;
    const { left, top } = room.getBoundingClientRect();
    const onScrollbar = event.clientX - left >= room.clientWidth || event.clientY - top >= room.clientHeight;
    if (onScrollbar) return;
    const start = { x: event.clientX + room.scrollLeft, y: event.clientY + room.scrollTop };
    room.setPointerCapture(event.pointerId);
    room.onpointermove = (move): void => room.scrollTo(start.x - move.clientX, start.y - move.clientY);
    room.onpointerup = room.onpointercancel = (): void => {
      room.onpointermove = room.onpointerup = room.onpointercancel = null;
    };
  }, []);
  return { zoom: zoom || 1, scroller, zoomBy, fit, onPointerDown };
}
