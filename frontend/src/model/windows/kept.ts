/** Which windows of very many rows are kept. Pure. */

/** Rows of a window. */
export const WINDOW = 200;
/** As many windows are kept; those that were wanted last. */
const MOST_WINDOWS = 24;

/** The windows, by number, that have some positions; rising, each once. */
export function windowsOf(positions: Iterable<number>): number[] {
  const numbers = new Set<number>();
  for (const position of positions) if (position >= 0) numbers.add(Math.floor(position / WINDOW));
  return [...numbers].sort((a, b) => a - b);
}

/** Windows by number, the last wanted ones last; what is wanted now is never dropped. */
export class KeptWindows<T> {
  private readonly kept = new Map<number, T>();

  get(number: number): T | undefined {
    return this.kept.get(number);
  }

  has(number: number): boolean {
    return this.kept.has(number);
  }

  get size(): number {
    return this.kept.size;
  }

  put(number: number, window: T): void {
    this.kept.set(number, window);
  }

  /** Drops the oldest ones. */
  want(numbers: readonly number[]): void {
    for (const number of numbers) {
      const window = this.kept.get(number);
      if (window === undefined) continue;
      this.kept.delete(number);
      this.kept.set(number, window);
    }
    const most = Math.max(MOST_WINDOWS, numbers.length);
    for (const number of this.kept.keys()) {
      if (this.kept.size <= most) break;
      this.kept.delete(number);
    }
  }

  /** In the order of the rows. */
  inOrder(): [number, T][] {
    return [...this.kept].sort(([a], [b]) => a - b);
  }
}
