/** Which nodes are drawn: the shown versions and what they come from, cut to those nearest to one version. Pure. */
import type { Relatives } from "./relatives";

/** More nodes can't be read, and their layout is slow. */
export const MOST_NODES = 300;

export interface GraphOptions {
  /** Rows that the filter lets through. */
  rows: Uint32Array;
  /** The row around which a large graph is cut; null: the newest. */
  focus: number | null;
  runs: boolean;
  datasets: boolean;
}

export interface Choice {
  /** Numbers as `Relatives` gives them. */
  nodes: number[];
  /** How many there would be without the cut. */
  total: number;
  /** The row around which it was cut; null where nothing was cut. */
  around: number | null;
}

/** The shown versions, and all that they come from, one generation after the other. */
function withAncestors(relatives: Relatives, rows: Iterable<number>): Uint8Array {
  const wanted = new Uint8Array(relatives.count);
  const waiting = [...rows];
  for (const row of waiting) wanted[row] = 1;
  while (waiting.length > 0) {
    for (const { to } of relatives.parents[waiting.pop() as number] ?? []) {
      if (wanted[to]) continue;
      wanted[to] = 1;
      if (to < relatives.firstTraining) waiting.push(to);
    }
  }
  return wanted;
}

function addSurroundings(relatives: Relatives, wanted: Uint8Array, options: GraphOptions): void {
  const { datasets } = relatives.table.payload.columns;
  for (let row = 0; row < relatives.firstTraining; row++) {
    if (!wanted[row]) continue;
    if (options.runs) for (const training of relatives.trainingsOf[row] ?? []) wanted[training] = 1;
    if (options.datasets) for (const data of datasets[row] ?? []) wanted[relatives.firstData + data] = 1;
  }
}

/** What is one step away. Datasets lead nowhere: all that use one dataset are not near to each other. */
function neighbours(relatives: Relatives, node: number, from: number): number[] {
  const { firstTraining, firstMissing, firstData } = relatives;
  const children = relatives.children.get(node) ?? [];
  if (node < firstTraining) {
    const data = (relatives.table.payload.columns.datasets[node] ?? []).map((at) => firstData + at);
    return [...(relatives.parents[node] ?? []).map((link) => link.to), ...children, ...(relatives.trainingsOf[node] ?? []), ...data];
  }
  if (node >= firstData) return [];
  if (node >= firstMissing) return children;
  const rows = relatives.trainings[node - firstTraining]?.rows ?? [];
  return [...rows].sort((a, b) => Math.abs(a - from) - Math.abs(b - from) || a - b);
}

function newestFirst(relatives: Relatives, rows: Uint32Array): number[] {
  const { created } = relatives.table.payload.columns;
  return [...rows].sort((a, b) => (created[b] ?? 0) - (created[a] ?? 0) || b - a);
}

/** Breadth first from each of the starts, until there are enough. */
function nearest(relatives: Relatives, wanted: Uint8Array, starts: readonly number[]): number[] {
  const found: number[] = [];
  const seen = new Uint8Array(relatives.count);
  for (const start of starts) {
    if (seen[start]) continue;
    seen[start] = 1;
    const queue: [node: number, from: number][] = [[start, start]];
    for (let at = 0; at < queue.length; at++) {
      const [node, from] = queue[at] as [number, number];
      if (found.push(node) === MOST_NODES) return found;
      for (const next of neighbours(relatives, node, from)) {
        if (seen[next] || !wanted[next]) continue;
        seen[next] = 1;
        queue.push([next, node]);
      }
    }
  }
  return found;
}

export function chooseNodes(relatives: Relatives, options: GraphOptions): Choice {
  const focus = options.focus !== null && options.focus < relatives.firstTraining ? options.focus : null;
  const wanted = withAncestors(relatives, focus === null ? options.rows : [...options.rows, focus]);
  addSurroundings(relatives, wanted, options);
  const all = Array.from(wanted.keys()).filter((node) => wanted[node]);
  if (all.length <= MOST_NODES) return { nodes: all, total: all.length, around: null };
  const starts = focus === null ? newestFirst(relatives, options.rows) : [focus, ...newestFirst(relatives, options.rows)];
  return { nodes: nearest(relatives, wanted, starts), total: all.length, around: starts[0] ?? null };
}
