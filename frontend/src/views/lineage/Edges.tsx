/** The lines of the lineage graph. What they say is in the names of the nodes too. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { EdgeKind } from "../../model/lineage/graph";
import type { Layout, Path } from "../../model/lineage/layout";
import { isDescent, LEGEND } from "../../model/lineage/words";

/** With more edges, the words between them would cover the graph. */
const MOST_WORDS = 40;

/** With more edges, they are faint until a node is highlighted. */
const MANY_LINES = 150;

function Line({ path, lit }: { path: Path; lit?: boolean }): ComponentChildren {
  const { edge, d } = path;
  return (
    <g class={lit ? "lit" : undefined}>
      <path class={`lg-edge ${edge.kind}`} d={d} marker-end={isDescent(edge.kind) ? "url(#lg-arrow)" : undefined} />
      {!lit && (
        <path class="lg-reach" d={d}>
          <title>{edge.words}</title>
        </path>
      )}
    </g>
  );
}

function Words({ path: { edge, middle } }: { path: Path }): ComponentChildren {
  return (
    <text class="lg-words" x={middle.x} y={middle.y - 5} text-anchor="middle">
      {LEGEND[edge.kind].replace(/ from$/, "")}
    </text>
  );
}

/** `lit`: the node whose edges are highlighted. */
export function Edges({ layout, lit }: { layout: Layout; lit: string | null }): ComponentChildren {
  const [all, words] = useMemo(() => {
    const descent = layout.paths.filter(({ edge }) => isDescent(edge.kind));
    return [
      layout.paths.map((path, at) => <Line key={at} path={path} />),
      descent.length <= MOST_WORDS ? descent.map((path, at) => <Words key={at} path={path} />) : [],
    ];
  }, [layout]);
  const own = lit === null ? [] : layout.paths.filter(({ edge }) => edge.from === lit || edge.to === lit);
  return (
    <svg
      class={layout.paths.length > MANY_LINES ? "lg-edges many" : "lg-edges"}
      width={layout.width}
      height={layout.height}
      aria-hidden="true"
    >
      <defs>
        <marker
          id="lg-arrow"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          markerUnits="userSpaceOnUse"
          orient="auto"
        >
          <path d="M0,0.8L8,4L0,7.2z" />
        </marker>
      </defs>
      {all}
      {own.map((path, at) => (
        <Line key={at} path={path} lit />
      ))}
      {words}
    </svg>
  );
}

export function Legend({ kinds }: { kinds: readonly EdgeKind[] }): ComponentChildren {
  return (
    <ul class="lg-legend" aria-label="What the lines mean">
      {kinds.map((kind) => (
        <li key={kind}>
          <svg width="28" height="8" aria-hidden="true">
            <path class={`lg-edge ${kind}`} d="M0,4L28,4" />
          </svg>
          {LEGEND[kind]}
        </li>
      ))}
    </ul>
  );
}
