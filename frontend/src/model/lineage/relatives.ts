/** Parents, children, runs and data of every version in the table: the input of the lineage graph. Pure. */
import type { Table } from "../columns";
import { type Training, trainingsOf } from "../trainings";

/** A version's row and the words: "fine-tuned from". */
export interface Link {
  to: number;
  words: string;
}

/**
 * Everything that a node can stand for has one number: rows of the table first, then trainings, parents that
 * are not in the table, and datasets.
 */
export interface Relatives {
  table: Table;
  trainings: Training[];
  /** References of parents that are not in the table. */
  missing: string[];
  firstTraining: number;
  firstMissing: number;
  firstData: number;
  count: number;
  /** By row; `to` is a row or a missing parent. A version that names itself is no parent of its own. */
  parents: Link[][];
  /** By row: numbers of its trainings, the one that it was exported from first. */
  trainingsOf: number[][];
  /** By number of a version or a missing parent. */
  children: Map<number, number[]>;
  /** Versions that name themselves as their parent. */
  selfish: number;
}

/** Positions by name, given out as they are asked for. */
function numbered(names: string[], index: Map<string, number>, name: string): number {
  let at = index.get(name);
  if (at === undefined) {
    at = names.length;
    names.push(name);
    index.set(name, at);
  }
  return at;
}

export function relativesOf(table: Table): Relatives {
  const { columns, datasets } = table.payload;
  const { all: trainings, ofRow: of } = trainingsOf(table.payload);
  const firstMissing = table.count + trainings.length;
  const missing: string[] = [];
  const index = new Map<string, number>();
  const children = new Map<number, number[]>();
  let selfish = 0;
  const parents = columns.parents.map((refs, row) => {
    const found = new Map<number, Link>();
    refs.forEach((ref, at) => {
      const to = table.indexOf.get(ref) ?? firstMissing + numbered(missing, index, ref);
      if (to === row) selfish++;
      else if (!found.has(to)) found.set(to, { to, words: columns.relations[row]?.[at] ?? "made from" });
    });
    for (const to of found.keys()) {
      const its = children.get(to);
      if (its) its.push(row);
      else children.set(to, [row]);
    }
    return [...found.values()];
  });
  const firstData = firstMissing + missing.length;
  return {
    table,
    trainings,
    missing,
    firstTraining: table.count,
    firstMissing,
    firstData,
    count: firstData + datasets.length,
    parents,
    trainingsOf: of.map((own) => own.map((at) => table.count + at)),
    children,
    selfish,
  };
}
