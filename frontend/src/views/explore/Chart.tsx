/** The room of a chart over many versions; what does not fit into it scrolls. */
import type { ComponentChildren } from "preact";
import type { Frame } from "../../model/explore/layout";
import type { Explore } from "../../state/explore";
import { useExplore, useRoom } from "./hooks";

interface ChartProps {
  name: string;
  /** Fewer axes are no chart. */
  axes: number;
  children(explore: Explore, room: Frame): ComponentChildren;
}

export function Chart({ name, axes, children }: ChartProps): ComponentChildren {
  const explore = useExplore();
  const { box, room } = useRoom();
  const why =
    explore.rows.value.length === 0
      ? "No version matches the filter."
      : axes < 2
        ? "The versions have fewer than two columns to draw."
        : null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
    // biome-ignore lint/a11y/useSemanticElements: a section would be a second landmark of this name
    <div class="ex-scroll" ref={box} tabIndex={0} role="group" aria-label={name}>
      {why && <p class="chart-empty dim">{why}</p>}
      {!why && room && <div class="ex-chart">{children(explore, room)}</div>}
    </div>
  );
}
