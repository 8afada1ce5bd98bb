/** The range of values that a chart shows. Pure. */

export interface Extent {
  low: number;
  high: number;
}

/** Outliers are what lies outside of these shares of all points, as in TensorBoard. */
const [LOWEST, HIGHEST] = [0.05, 0.95];

/** Beyond this a range does not fit into a double; below that neither. */
const [LARGEST, SMALLEST] = [7e307, 1e-290];

export interface ExtentOptions {
  outliers: boolean;
  /** Only positive numbers can be drawn. */
  log: boolean;
  /** Values that must be inside whatever they are: those at export. */
  always: readonly number[];
}

/** null where nothing can be drawn. Without outliers: the 5th to the 95th percentile of all points. */
export function extentOf(lines: Iterable<ArrayLike<number>>, { outliers, log, always }: ExtentOptions): Extent | null {
  const fits = (value: number): boolean => Number.isFinite(value) && (!log || value > 0);
  let all: number[] = [];
  for (const line of lines) for (let i = 0; i < line.length; i++) if (fits(line[i] as number)) all.push(line[i] as number);
  if (!outliers && all.length > 2) {
    const sorted = Float64Array.from(all).sort();
    const last = sorted.length - 1;
    all = [sorted[Math.floor(last * LOWEST)] as number, sorted[Math.ceil(last * HIGHEST)] as number];
  }
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const take = (value: number): void => {
    if (value < low) low = value;
    if (value > high) high = value;
  };
  for (const value of all) take(value);
  for (const value of always) if (fits(value)) take(value);
  return low <= high ? { low, high } : null;
}

/** Some room above and below. */
export function roomy({ low, high }: Extent, log: boolean, share = 0.06): Extent {
  if (log) {
    const wide = Math.max(Math.log10(high / low), 0.05) * share;
    return { low: low / 10 ** wide, high: high * 10 ** wide };
  }
  const [bottom, top] = [Math.max(low, -LARGEST), Math.min(high, LARGEST)];
  const size = Math.max(Math.abs(bottom), Math.abs(top));
  const room = top - bottom > size * 1e-12 ? share * (top - bottom) : size > SMALLEST ? size * 0.02 : 1;
  return { low: Math.min(bottom, LARGEST) - room, high: Math.max(top, -LARGEST) + room };
}
