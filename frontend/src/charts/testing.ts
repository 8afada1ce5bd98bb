/** Points of a chart over versions, for tests. */
import type { Point } from "./points";

interface Made {
  aliases?: string[];
  parents?: [id: string, relation: string][];
}

export function point(model: string, number: number, value: number, { aliases = [], parents = [] }: Made = {}): Point {
  const made = parents.map(([id, relation]) => ({ id, relation }));
  return {
    id: `${model}:${number}`,
    model,
    number,
    label: String(number),
    value,
    sampled: false,
    source: "",
    color: null,
    created: null,
    aliases,
    parents: made,
  };
}
