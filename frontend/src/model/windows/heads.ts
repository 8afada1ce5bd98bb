/** The columns of very many rows: those that the head names, and the rare ones that a window brought. Pure. */
import type { TableHead } from "../../api/types";

type Heads = Pick<TableHead, "metrics" | "hyperparameters" | "labels">;

/** More columns than these are not taken from windows. */
const MOST = 1000;

function joined<T>(known: readonly T[], more: readonly T[], keyOf: (one: T) => string): T[] {
  const keys = new Set(known.map(keyOf));
  const added = more.filter((one) => !keys.has(keyOf(one)));
  return added.length === 0 ? (known as T[]) : [...known, ...added].slice(0, Math.max(known.length, MOST));
}

/** The columns of the first with those of the second behind them; the same lists where it has no others. */
export function withHeads(known: Heads, more: Heads): Heads {
  return {
    metrics: joined(known.metrics, more.metrics, ({ key }) => key),
    hyperparameters: joined(known.hyperparameters, more.hyperparameters, ({ name }) => name),
    labels: joined(known.labels, more.labels, ({ name }) => name),
  };
}
