/** Which columns a filter names. Pure. */
import { type Node, parse, QueryFault } from "./parse";

function* namesIn(node: Node): Iterable<{ name: string; values: string[] }> {
  switch (node.kind) {
    case "and":
    case "or":
      for (const part of node.parts) yield* namesIn(part);
      break;
    case "not":
      yield* namesIn(node.part);
      break;
    case "compare":
      yield { name: node.name.name.toLowerCase(), values: [node.value.text] };
      break;
    case "in":
      yield { name: node.name.name.toLowerCase(), values: node.values.map((value) => value.text) };
      break;
    case "has":
      yield { name: node.name.name.toLowerCase(), values: [] };
      break;
  }
}

/**
 * Whether a filter asks for deprecated or removed versions, which are hidden otherwise. `has`, `missing` and comparisons
 * count alike: whoever names the column wants to decide for themselves.
 */
export function asksFor(source: string): { deprecated: boolean; removed: boolean } {
  const asked = { deprecated: false, removed: false };
  try {
    const node = parse(source);
    for (const { name, values } of node ? namesIn(node) : []) {
      if (name === "deprecated") asked.deprecated = true;
      if (name === "removed" || ((name === "state" || name === "files") && values.includes("removed"))) asked.removed = true;
    }
  } catch (fault) {
    if (!(fault instanceof QueryFault)) throw fault;
  }
  return asked;
}
