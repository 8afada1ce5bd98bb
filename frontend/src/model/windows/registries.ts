/** What was said of the models of several windows, as one. Pure. */
import type { MeasuredHead, Registry } from "../../api/registry";

/** Later ones win; null where none has any. */
export function joinedRegistries(all: readonly (Registry | null)[]): Registry | null {
  const known = all.filter((each) => each !== null);
  if (known.length === 0) return null;
  // Without a prototype: a model may be called __proto__.
  const models = Object.create(null) as Registry["models"];
  const values = Object.create(null) as Registry["measured_values"];
  const places = new Map<string, number>();
  const measured: MeasuredHead[] = [];
  for (const each of known) {
    for (const head of each.measured) {
      if (places.has(head.key)) continue;
      places.set(head.key, measured.length);
      measured.push(head);
    }
  }
  for (const each of known) {
    for (const [name, model] of Object.entries(each.models)) models[name] = model;
    const to = each.measured.map(({ key }) => places.get(key) as number);
    for (const [id, cells] of Object.entries(each.measured_values)) {
      const row = new Array<(typeof cells)[number]>(measured.length).fill(null);
      cells.forEach((cell, at) => void (row[to[at] as number] = cell));
      values[id] = row;
    }
  }
  return { at: null, models, measured, measured_values: values };
}
