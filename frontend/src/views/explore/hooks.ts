/** What all the charts over many versions need: their state, their room, their versions at rest. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Column } from "../../model/columns";
import { type Axis, buildAxis } from "../../model/explore/axis";
import type { Frame } from "../../model/explore/layout";
import { sentence } from "../../model/explore/words";
import { Kept } from "../../model/kept";
import { type Explore, exploreOf } from "../../state/explore";
import { useStore } from "../context";

const CALM_MS = 200;

export function useExplore(): Explore {
  const store = useStore();
  const explore = exploreOf(store);
  const shown = store.rows.shown.value;
  useEffect(() => {
    let goesOn = true;
    const follow = (): void => {
      if (shown) void explore.follow({ shown, models: store.columns.models.peek() }, () => goesOn);
    };
    const timer = setTimeout(follow, explore.calm.peek() === null ? 0 : CALM_MS);
    return () => {
      goesOn = false;
      clearTimeout(timer);
    };
  }, [shown]);
  // Nobody draws an old table later, or keeps it.
  useEffect(() => () => void (explore.calm.value = null), []);
  return explore;
}

/** The size of an element, in whole pixels; nothing before it is measured. */
export function useRoom() {
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<Frame | null>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      // A hidden tab has no room; what is drawn stays.
      if (element.clientHeight > 0) setRoom({ width: element.clientWidth, height: element.clientHeight });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { box, room };
}

/** The same axes as long as columns and versions are the same. */
export function useAxes(columns: readonly Column[], rows: Uint32Array): Axis[] {
  const kept = useMemo(() => new Kept(), []);
  const axes = columns.map((column) => kept.of(column.id, [rows, column.goal, column.cells.values], () => buildAxis(column, rows)));
  return kept.of("", axes, () => axes);
}

export function useWords(explore: Explore, what: string, axes: readonly Axis[]): string {
  const drawn = explore.rows.value.length;
  const inside = explore.split.value?.inner.length ?? 0;
  return sentence(what, { axes, coloring: explore.coloring.value, drawn, inside });
}
