/** A drag that draws a range along one axis, or along two at once; a click on a text or a band takes just that. */
import { useRef } from "preact/hooks";
import { type Brush, NO_BRUSH } from "../../model/explore/brush";
import { dragged, type Grip, grip } from "../../model/explore/layout";
import { brushAt, brushBetween, brushSpans, type Rail } from "../../model/explore/rail";
import type { Explore } from "../../state/explore";

/** An axis that a drag is about. */
export interface Target {
  rail: Rail;
  /** How far along the axis a place of the plot is. */
  along(x: number, y: number): number;
}

interface Drag {
  targets: readonly Target[];
  grips: readonly Grip[];
  x: number;
  y: number;
  moved: boolean;
}

/** What moves less is a click. */
const CLICK = 4;

const clamped = (value: number, most: number): number => Math.max(0, Math.min(most, value));

function draftOf({ targets, grips }: Drag, x: number, y: number): Brush[] {
  return targets.map(({ rail, along }, index) => {
    const at = clamped(along(x, y), rail.length);
    return brushBetween(rail, ...dragged(grips[index] as Grip, at, rail.length));
  });
}

export function useDrag(explore: Explore, brushes: ReadonlyMap<string, Brush>) {
  const drag = useRef<Drag | null>(null);
  const start = (targets: readonly Target[], x: number, y: number): void => {
    const grips = targets.map(({ rail, along }) => {
      const brush = brushes.get(rail.axis.column.id);
      const at = clamped(along(x, y), rail.length);
      return targets.length === 1 && brush ? grip(brushSpans(rail, brush), at) : { anchor: at, moves: null };
    });
    drag.current = targets.length > 0 ? { targets, grips, x, y, moved: false } : null;
  };
  const move = (x: number, y: number): boolean => {
    const current = drag.current;
    if (!current) return false;
    current.moved ||= Math.hypot(x - current.x, y - current.y) > CLICK;
    if (current.moved) explore.draft.value = draftOf(current, x, y);
    return current.moved;
  };
  /** Whether it was a drag. */
  const end = (): boolean => {
    const moved = drag.current?.moved ?? false;
    drag.current = null;
    explore.commit();
    return moved;
  };
  const cancel = (): void => {
    drag.current = null;
    explore.draft.value = [];
  };
  return { start, move, end, cancel };
}

/** A click on an axis: just this text or band, or everything again. */
export function brushOfClick({ rail, along }: Target, [x, y]: readonly [number, number], current: Brush | undefined): Brush {
  const { id } = rail.axis.column;
  const all = { ...NO_BRUSH, id };
  const clicked = brushAt(rail, along(x, y));
  if (!clicked) return all;
  const same = current?.range === null && `${current.texts}|${current.specials}` === `${clicked.texts}|${clicked.specials}`;
  return same ? all : clicked;
}
