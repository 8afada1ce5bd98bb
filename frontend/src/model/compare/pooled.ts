/** How far single trainings of a model lie apart because of their seeds, over all its versions. Pure. */
import type { Table } from "../columns";
import { trainingOf } from "../trainings";
import { studentQuantile } from "./noise";

/** Seed noise around one version. */
export interface SeedNoise {
  /** Standard deviation of a single training. */
  deviation: number;
  degrees: number;
  /** How many trainings told it. */
  trainings: number;
  /** Two single trainings differ by more than this in one of twenty cases, if nothing but the seed differs. */
  threshold: number;
}

const LEAST_DEGREES = 2;
const TINY = 1e-12;

interface Export {
  row: number;
  training: string;
  seeds: number;
  step: number | null;
  value: number;
}

/** At most twice as many steps, at least half as many; as `tb_versions/comparison/seeds.py` has it. */
function isAlike(a: number | null, b: number | null): boolean {
  return a === null || b === null || (a + 1 <= 2 * (b + 1) && b + 1 <= 2 * (a + 1));
}

const distance = (a: Export, b: Export): number => (a.step === null || b.step === null ? 0 : Math.abs(a.step - b.step));

/** One export of each training, the nearest in steps to `of`; of equal seeds only one says anything. */
function oneOfEach(of: Export, group: readonly Export[]): Export[] {
  const nearest = new Map<string, Export>();
  for (const each of group) {
    if (each.training === of.training || !isAlike(of.step, each.step)) continue;
    const kept = nearest.get(each.training);
    if (!kept || distance(of, each) < distance(of, kept)) nearest.set(each.training, each);
  }
  const taken = new Set([of.seeds]);
  const found = [of];
  for (const each of [...nearest.values()].sort((a, b) => a.row - b.row)) {
    if (each.seeds >= 0 && taken.has(each.seeds)) continue;
    taken.add(each.seeds);
    found.push(each);
  }
  return found;
}

/** Versions of one model that have a value, by their recipe. */
function byRecipe(table: Table, values: Float64Array, model: number): Map<number, Export[]> {
  const { columns, runs } = table.payload;
  const groups = new Map<number, Export[]>();
  columns.recipe.forEach((recipe, row) => {
    const value = values[row] as number;
    if (recipe < 0 || columns.model.codes[row] !== model || !Number.isFinite(value)) return;
    const run = runs[columns.run[row] as number];
    const training = run === undefined ? `version ${row}` : `run ${trainingOf(run)}`;
    const step = columns.step[row];
    const each = { row, training, seeds: columns.seeds[row] ?? -1, step: step === null || step === undefined ? null : Number(step), value };
    const group = groups.get(recipe);
    if (group) group.push(each);
    else groups.set(recipe, [each]);
  });
  return groups;
}

const latest = (a: Export, b: Export): Export => ((b.step ?? 0) > (a.step ?? 0) ? b : a);

function squares(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

/**
 * The pooled deviation over all recipes of the model of `row` that were trained with several seeds.
 *
 * null where these are too few, or all their values are equal.
 */
export function seedNoise(table: Table, values: Float64Array, row: number): SeedNoise | null {
  const model = table.payload.columns.model.codes[row] as number;
  const groups = [...byRecipe(table, values, model).values()]
    .map((group) => oneOfEach(group.find((each) => each.row === row) ?? group.reduce(latest), group))
    .filter((group) => group.length > 1)
    .map((group) => group.map((each) => each.value));
  const trainings = groups.reduce((sum, group) => sum + group.length, 0);
  const degrees = trainings - groups.length;
  if (degrees < LEAST_DEGREES) return null;
  const scale = groups.flat().reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1; // squares of huge values would overflow
  const sum = groups.reduce((total, group) => total + squares(group.map((value) => value / scale)), 0);
  const deviation = Math.sqrt(sum / degrees);
  if (deviation <= TINY) return null;
  return { deviation: scale * deviation, degrees, trainings, threshold: scale * deviation * studentQuantile(degrees) * Math.SQRT2 };
}
