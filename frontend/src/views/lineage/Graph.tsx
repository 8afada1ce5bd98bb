/** The drawn lineage graph: scrolled, zoomed, walked through with the arrow keys. */
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Lineage, LineageNode } from "../../model/lineage/graph";
import type { Layout } from "../../model/lineage/layout";
import { nextNode } from "../../model/lineage/move";
import { countsInWords } from "../../model/lineage/words";
import { Edges } from "./Edges";
import { Node, type NodeLook } from "./Node";
import { useSight } from "./useSight";

interface GraphProps {
  lineage: Lineage;
  layout: Layout;
  /** Key of the node in question: the open version, else the newest. */
  anchor: string;
  /** Key of the open version; null where none is open. */
  open: string | null;
  look(node: LineageNode): Omit<NodeLook, "box" | "isStop">;
  onOpen(id: string): void;
}

const STEP = 1.3;

function Zoom({ zoomBy, fit }: { zoomBy(factor: number): void; fit(): void }): ComponentChildren {
  return (
    <div class="lg-zoom">
      <button type="button" class="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => zoomBy(STEP)}>
        +
      </button>
      <button type="button" class="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => zoomBy(1 / STEP)}>
        −
      </button>
      <button type="button" class="button" title="Show all of it (0)" onClick={fit}>
        fit
      </button>
    </div>
  );
}

export function Graph({ lineage, layout, anchor, open, look, onOpen }: GraphProps): ComponentChildren {
  const { zoom, scroller, zoomBy, fit, onPointerDown } = useSight(layout, anchor, open !== null || lineage.around !== null);
  const [over, setOver] = useState<string | null>(null);
  const [at, setAt] = useState<string | null>(null);
  const [pinned, pin] = useState<string | null>(null);
  const there = (key: string | null): string | null => (key !== null && layout.boxes.has(key) ? key : null);
  const stop = there(at) ?? there(anchor) ?? lineage.nodes[0]?.key;
  const keyOf = (event: Event): string | null => (event.target as Element).closest<HTMLElement>("[data-node]")?.dataset.node ?? null;
  const go = (key: string | null): boolean => {
    const nodes = scroller.current?.querySelectorAll<HTMLElement>("[data-node]") ?? [];
    const found = [...nodes].find((each) => each.dataset.node === key);
    found?.focus();
    return found !== undefined;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const from = keyOf(event);
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const actions: Record<string, () => unknown> = {
      "+": () => zoomBy(STEP),
      "=": () => zoomBy(STEP),
      "-": () => zoomBy(1 / STEP),
      "0": fit,
      Home: () => go(anchor),
    };
    const action =
      actions[event.key] ?? (event.key.startsWith("Arrow") && from ? () => go(nextNode(layout, lineage.edges, from, event.key)) : null);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };
  const nodes = useMemo(() => {
    const choose = (node: LineageNode): void => {
      if (node.kind === "version") onOpen(node.key.slice("version ".length));
      else pin((before) => (before === node.key ? null : node.key));
    };
    return lineage.nodes.map((node) => {
      const box = layout.boxes.get(node.key);
      return box && <Node key={node.key} {...look(node)} node={node} box={box} isStop={node.key === stop} onChoose={choose} />;
    });
  }, [lineage, layout, look, stop, onOpen]);
  const { width, height } = layout;
  return (
    <div class="lg-frame">
      <div ref={scroller} class="lg-scroller" onPointerDown={onPointerDown}>
        <div class="lg-room" style={{ width: `${width * zoom}px`, height: `${height * zoom}px` }}>
          {/* biome-ignore lint/a11y/useSemanticElements: a group of nodes is no fieldset */}
          <div
            class="lg-graph"
            role="group"
            aria-label={`Lineage of ${countsInWords(lineage)}. Arrow keys follow the lines.`}
            style={{ width: `${width}px`, height: `${height}px`, transform: `scale(${zoom})` }}
            onPointerOver={(event) => setOver(keyOf(event))}
            onPointerLeave={() => setOver(null)}
            onFocusIn={(event) => setAt(keyOf(event))}
            onKeyDown={onKeyDown}
          >
            <Edges layout={layout} lit={over ?? there(pinned) ?? there(at) ?? there(open)} />
            {nodes}
          </div>
        </div>
      </div>
      <Zoom zoomBy={zoomBy} fit={fit} />
    </div>
  );
}
