/** The lineage graph: nodes and edges with their words. Pure. */
import { chooseNodes, type GraphOptions } from "./choose";
import type { Relatives } from "./relatives";

export type NodeKind = "version" | "run" | "data" | "missing";

export interface LineageNode {
  /** Unique: "version digits:3", "run cnn". */
  key: string;
  kind: NodeKind;
  /** "digits 3", "cnn/seed-1", "digits". */
  name: string;
  /** "1.0.0", "train". */
  more: string;
  /** Of a version; -1 for the others. */
  row: number;
  /** Passes the filter, or is no version. */
  shown: boolean;
  /** Of a run: its runs in TensorBoard. */
  runs: string[];
}

/** How an edge is drawn; the words say more. */
export type EdgeKind = "fine-tuned" | "distilled" | "derived" | "made" | "exported" | "linked" | "trained" | "evaluated" | "used";

export interface LineageEdge {
  from: string;
  to: string;
  kind: EdgeKind;
  /** A sentence: "digits 13 was fine-tuned from digits 9". */
  words: string;
}

export interface Lineage {
  nodes: LineageNode[];
  edges: LineageEdge[];
  total: number;
  /** Id of the version around which a large graph was cut; null where it is whole. */
  around: string | null;
  /** Sentences about oddities, such as circles. */
  notes: string[];
}

/** More edges can't be read; the rest is counted. */
export const MOST_EDGES = 1_200;

const PARENT_KINDS: readonly EdgeKind[] = ["fine-tuned", "distilled", "derived"];

export function kindOfRelation(words: string): EdgeKind {
  return PARENT_KINDS.find((kind) => words.startsWith(kind)) ?? "made";
}

const TRAINING = /^(train|training)$/i;
const EVALUATION = /^(test|eval|evaluation|holdout|validation|valid|val|dev)$/i;
const USES: Partial<Record<EdgeKind, string>> = { trained: "was trained on", evaluated: "was evaluated on", used: "used" };

export function useOfSplit(split: string): EdgeKind {
  if (TRAINING.test(split)) return "trained";
  return EVALUATION.test(split) ? "evaluated" : "used";
}

function versionName(relatives: Relatives, row: number): string {
  const { columns } = relatives.table.payload;
  const id = relatives.table.ids[row] as string;
  const model = columns.model.values[columns.model.codes[row] as number] ?? "";
  return `${model} ${id.slice(id.lastIndexOf(":") + 1)}`;
}

/** Makes nodes of numbers. */
function nodeMaker(relatives: Relatives, shown: ReadonlySet<number>): (node: number) => LineageNode {
  const { table, firstTraining, firstMissing, firstData } = relatives;
  const plain = { more: "", row: -1, shown: true, runs: [] };
  const version = (row: number): LineageNode => ({
    ...plain,
    key: `version ${table.ids[row]}`,
    kind: "version",
    name: versionName(relatives, row),
    more: table.payload.columns.semantic_version[row] ?? "",
    row,
    shown: shown.has(row),
  });
  return (node) => {
    if (node < firstTraining) return version(node);
    if (node < firstMissing) {
      const { name, runs } = relatives.trainings[node - firstTraining] ?? { name: "", runs: [] };
      return { ...plain, key: `run ${name}`, kind: "run", name, runs };
    }
    if (node < firstData) {
      const ref = relatives.missing[node - firstMissing] ?? "";
      return { ...plain, key: `missing ${ref}`, kind: "missing", name: ref };
    }
    const { name, split, digest } = table.payload.datasets[node - firstData] ?? { name: "", split: "", digest: null };
    const more = [split, digest?.slice(0, 8)].filter(Boolean).join(" · ");
    return { ...plain, key: `data ${node - firstData}`, kind: "data", name: name || "data without a name", more };
  };
}

/** Edges between drawn nodes, each once. */
function edgesOf(relatives: Relatives, nodes: ReadonlyMap<number, LineageNode>): LineageEdge[] {
  const { columns, datasets } = relatives.table.payload;
  const edges = new Map<string, LineageEdge>();
  const add = (from: LineageNode | undefined, to: LineageNode | undefined, kind: EdgeKind, words: string): void => {
    if (!from || !to) return;
    const key = JSON.stringify([from.key, to.key]);
    if (!edges.has(key)) edges.set(key, { from: from.key, to: to.key, kind, words });
  };
  for (const [row, version] of nodes) {
    if (version.kind !== "version") continue;
    for (const { to, words } of relatives.parents[row] ?? []) {
      const parent = nodes.get(to);
      add(parent, version, kindOfRelation(words), `${version.name} was ${words} ${parent?.name}`);
    }
    const step = columns.step[row];
    const trainings = relatives.trainingsOf[row] ?? [];
    trainings.forEach((number, at) => {
      const training = nodes.get(number);
      const exported = `${training?.name} exported ${version.name}${step === null || step === undefined ? "" : ` at step ${step}`}`;
      add(training, version, at === 0 ? "exported" : "linked", at === 0 ? exported : `${version.name} is linked to ${training?.name}`);
    });
    const user = nodes.get(trainings[0] ?? -1) ?? version;
    for (const at of columns.datasets[row] ?? []) {
      const kind = useOfSplit(datasets[at]?.split ?? "");
      const data = nodes.get(relatives.firstData + at);
      add(data, user, kind, `${user.name} ${USES[kind]} ${data?.name}${data?.more ? ` (${data.more})` : ""}`);
    }
  }
  return [...edges.values()];
}

const plural = (count: number, one: string, many: string): string => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

export function lineageOf(relatives: Relatives, options: GraphOptions): Lineage {
  const { nodes: numbers, total, around } = chooseNodes(relatives, options);
  const make = nodeMaker(relatives, new Set(options.rows));
  const nodes = new Map(numbers.map((number) => [number, make(number)]));
  const edges = edgesOf(relatives, nodes);
  const notes: string[] = [];
  if (edges.length > MOST_EDGES) notes.push(`${plural(edges.length - MOST_EDGES, "line is", "lines are")} left out.`);
  if (relatives.selfish > 0) notes.push(`${plural(relatives.selfish, "version names", "versions name")} itself as its parent.`);
  return {
    nodes: [...nodes.values()],
    edges: edges.slice(0, MOST_EDGES),
    total,
    around: around === null ? null : (relatives.table.ids[around] ?? null),
    notes,
  };
}
