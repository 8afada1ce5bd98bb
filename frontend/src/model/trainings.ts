/**
 * Runs that are parts of one training. Pure.
 *
 * Keras writes "mlp/train" and "mlp/validation" for one training, "mlp": people look for it, filter by it and open it
 * as one. All other runs are trainings of their own.
 */
import type { Whole } from "./whole";

/** "mlp" for "mlp/train" and "mlp/validation"; other names as they are. */
export function trainingOf(run: string): string {
  return run.replace(/\/(train|validation)$/, "") || run;
}

export interface Training {
  name: string;
  /** Its runs that versions are linked to, in the payload's order. */
  runs: string[];
  /** Rows of the versions that are linked to it. */
  rows: number[];
}

export interface Trainings {
  all: Training[];
  /** By index of a run in the payload: the index of its training. */
  ofRun: Int32Array;
  /** By row: the indices of its trainings, the one that it was exported from first. */
  ofRow: number[][];
}

type Payload = Pick<Whole, "columns" | "runs">;

/** By the column of runs, which a newer table may have too. */
const known = new WeakMap<object, { runs: readonly string[]; trainings: Trainings }>();

export function trainingsOf(payload: Payload): Trainings {
  const { columns, runs } = payload;
  const found = known.get(columns.runs);
  if (found?.runs === runs) return found.trainings;
  const trainings = findTrainings(payload);
  known.set(columns.runs, { runs, trainings });
  return trainings;
}

function findTrainings({ columns, runs }: Payload): Trainings {
  const all: Training[] = [];
  const index = new Map<string, number>();
  const ofRun = Int32Array.from(runs, (run) => {
    const name = trainingOf(run);
    const at = index.get(name) ?? all.length;
    if (at === all.length) all.push({ name, runs: [], rows: [] });
    index.set(name, at);
    all[at]?.runs.push(run);
    return at;
  });
  // Versions of one training share their list of runs.
  const made = new Map<number[], number[]>();
  const ofRow = columns.runs.map((linked, row) => {
    const own = made.get(linked) ?? [...new Set(linked.map((run) => ofRun[run] as number))];
    made.set(linked, own);
    for (const at of own) all[at]?.rows.push(row);
    return own;
  });
  return { all, ofRun, ofRow };
}

const ANNOUNCING = "/versions";

/** Without the runs that only announce versions of another one: "mlp/train/versions" beside "mlp/train". */
export function withoutAnnouncing(runs: readonly string[]): string[] {
  const known = new Set([...runs, ...runs.map(trainingOf)]);
  return runs.filter((run) => !run.endsWith(ANNOUNCING) || !known.has(run.slice(0, -ANNOUNCING.length)));
}

/** Runs by their training, in the given order. */
export function byTraining(runs: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const run of runs) {
    const name = trainingOf(run);
    found.set(name, [...(found.get(name) ?? []), run]);
  }
  return found;
}
