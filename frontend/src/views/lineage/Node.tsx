/** One node of the lineage graph: a version, a run, a dataset or a parent that is not here. */
import type { ComponentChildren } from "preact";
import { Chip } from "../../elements/Chip";
import type { Box } from "../../model/lineage/boxes";
import type { LineageNode } from "../../model/lineage/graph";
import type { ChipOf } from "../../model/registry/chips";
import type { RunLink } from "../../model/runs";

export interface NodeLook {
  box: Box;
  /** For screen readers. */
  words: string;
  /** "val_loss" and "0.0512"; of versions. */
  metric: string;
  value: string;
  color: string | null;
  /** Of versions: their aliases. */
  chips: readonly ChipOf[];
  /** Of runs that lead somewhere. */
  link: RunLink | null;
  isOpen: boolean;
  /** Whether Tab leads here. */
  isStop: boolean;
}

interface NodeProps extends NodeLook {
  node: LineageNode;
  onChoose(node: LineageNode): void;
}

function Inside({ node, metric, value, color, chips }: NodeProps): ComponentChildren {
  const dot = <span class="dot" style={color ? { background: color } : undefined} />;
  if (node.kind === "run") {
    return (
      <span class="lg-line">
        {dot}
        <bdi>{node.name}</bdi>
      </span>
    );
  }
  return (
    <>
      {chips.length > 0 && (
        <span class="lg-chips">
          {chips.slice(0, 2).map((chip) => (
            <Chip key={chip.name} {...chip} />
          ))}
          {chips.length > 2 && <span class="dim">+{chips.length - 2}</span>}
        </span>
      )}
      <span class="lg-line">
        {node.kind === "version" && dot}
        <bdi class="lg-name">{node.name}</bdi>
        {node.kind === "version" && node.more && <bdi class="dim">{node.more}</bdi>}
      </span>
      <span class="lg-line dim">
        {node.kind === "missing" && "not known here"}
        {node.kind === "data" && <bdi>{node.more || "dataset"}</bdi>}
        {node.kind === "version" && value !== "" && (
          <>
            <bdi>{metric}</bdi> <b>{value}</b>
          </>
        )}
      </span>
    </>
  );
}

export function Node(props: NodeProps): ComponentChildren {
  const { node, box, words, link, isOpen, isStop, onChoose } = props;
  const common = {
    class: ["lg-node", node.kind, node.shown ? "" : "hidden-by-filter", isOpen ? "open" : ""].filter(Boolean).join(" "),
    style: { left: `${box.x}px`, top: `${box.y}px`, width: `${box.width}px`, height: `${box.height}px` },
    "data-node": node.key,
    "aria-label": words,
    title: words.replaceAll(". ", "\n"),
    tabIndex: isStop ? 0 : -1,
  };
  if (link) {
    return (
      <a {...common} {...link} draggable={false}>
        <Inside {...props} />
      </a>
    );
  }
  return (
    <button type="button" {...common} aria-current={isOpen ? "true" : undefined} onClick={() => onChoose(node)}>
      <Inside {...props} />
    </button>
  );
}
