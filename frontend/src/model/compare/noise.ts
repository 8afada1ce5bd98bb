/** Is a difference more than noise? `tb_versions/comparison/noise.py` in TypeScript; tests/contract/noise.json holds them equal. Pure. */

/** Share of equal pairs that must be called "within noise". */
export const CONFIDENCE = 0.95;

const TINY = 1e-12;
const MANY_DEGREES = 1_000;
const STEPS = 20_000;

/** Standard deviation of a single value, and the degrees of freedom behind it. */
export interface Spread {
  deviation: number;
  degrees: number;
}

/** Trainings of one recipe with different seeds: how many, their mean, and the root of the mean square of what they differ from it. */
export interface Group {
  count: number;
  mean: number;
  deviation: number;
}

/** A difference, the largest one that noise explains, the deviation of a single value and the degrees of freedom. */
export interface NoiseTest extends Omit<Spread, "deviation"> {
  difference: number;
  threshold: number;
  spread: number;
}

export const isBeyond = (test: NoiseTest): boolean => Math.abs(test.difference) > test.threshold;

/** Tests the difference of the means of two groups of trainings; null where there are too few or all are equal. */
export function overSeeds(baseline: Group, other: Group): NoiseTest | null {
  const groups = [baseline, other];
  const degrees = baseline.count + other.count - 2;
  if (baseline.count === 0 || other.count === 0 || degrees < 2) return null;
  const scale = Math.max(...groups.flatMap((group) => [Math.abs(group.mean), group.deviation])) || 1;
  const squares = groups.reduce((sum, group) => sum + group.count * (group.deviation / scale) ** 2, 0);
  const spread = Math.sqrt(squares / degrees);
  const difference = other.mean - baseline.mean;
  if (spread <= TINY || !Number.isFinite(difference)) return null;
  const error = scale * spread * Math.sqrt(1 / baseline.count + 1 / other.count);
  return { difference, threshold: studentQuantile(degrees) * error, spread: scale * spread, degrees };
}

/** Tests the difference of two single points of two curves by their spreads; one alone stands for both; null where none is known. */
export function overCurves(difference: number, spreads: readonly Spread[]): NoiseTest | null {
  const [one, two] = [spreads[0], spreads[spreads.length - 1]];
  if (!one || !two || !Number.isFinite(difference)) return null;
  const scale = Math.max(one.deviation, two.deviation);
  const [a, b] = [(one.deviation / scale) ** 2, (two.deviation / scale) ** 2];
  // Welch and Satterthwaite
  const degrees = spreads.length === 1 ? one.degrees : (a + b) ** 2 / (a ** 2 / one.degrees + b ** 2 / two.degrees);
  const error = scale * Math.sqrt(a + b);
  return { difference, threshold: studentQuantile(degrees) * error, spread: scale * Math.sqrt((a + b) / 2), degrees };
}

const quantiles = new Map<string, number>();
const logCosines = Float64Array.from({ length: STEPS + 1 }, (_, i) => Math.log(Math.cos((i / STEPS) * (Math.PI / 2))));

/**
 * t such that a share `confidence` of Student's distribution lies in [-t, t].
 *
 * With t = sqrt(ν)·tan(θ) the density becomes cos(θ)^(ν-1), which is smooth on a bounded range.
 */
export function studentQuantile(degrees: number, confidence = CONFIDENCE): number {
  const key = `${degrees} ${confidence}`;
  const known = quantiles.get(key);
  if (known !== undefined) return known;
  if (quantiles.size > 1_000) quantiles.clear();
  const found = quantile(Math.min(degrees, MANY_DEGREES), confidence);
  quantiles.set(key, found);
  return found;
}

/** Area below the density up to each angle; one for all calls. */
const areas = new Float64Array(STEPS + 1);

function quantile(degrees: number, confidence: number): number {
  let before = 1;
  for (let i = 1; i <= STEPS; i++) {
    const density = Math.exp((degrees - 1) * (logCosines[i] ?? 0));
    areas[i] = (areas[i - 1] ?? 0) + (density + before) / 2;
    before = density;
  }
  const wanted = confidence * (areas[STEPS] ?? 0);
  let after = 1;
  while ((areas[after] ?? wanted) < wanted) after++;
  const [low, high] = [areas[after - 1] ?? 0, areas[after] ?? 0];
  const angle = ((after - 1 + (wanted - low) / (high - low)) / STEPS) * (Math.PI / 2);
  return Math.sqrt(degrees) * Math.tan(angle);
}
