/** Curves from parents to versions that were not made from the one before, over the chart. */
import type { ComponentChildren } from "preact";
import { type Branch, bow } from "./branches";

interface BranchLinesProps {
  branches: readonly Branch[];
  /** Pixels of each version, by its id. */
  places: ReadonlyMap<string, { x: number; y: number }>;
  width: number;
  height: number;
  /** The version under the pointer. */
  over: string | null;
}

export function BranchLines({ branches, places, width, height, over }: BranchLinesProps): ComponentChildren {
  return (
    <svg class="chart-branches" width={width} height={height} aria-hidden="true">
      <defs>
        <marker
          id="branch-arrow"
          viewBox="0 0 8 8"
          refX="8"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          markerUnits="userSpaceOnUse"
          orient="auto"
        >
          <path d="M0,0.8L8,4L0,7.2z" />
        </marker>
      </defs>
      {branches.map(({ from, to }, index) => {
        const [start, end] = [places.get(from.id), places.get(to.id)];
        if (!start || !end) return null;
        const lit = over === from.id || over === to.id;
        return <path key={index} class={lit ? "lit" : undefined} d={bow(start, end, height)} marker-end="url(#branch-arrow)" />;
      })}
    </svg>
  );
}
