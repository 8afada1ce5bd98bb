/**
 * Which variables two graphs have in common. Pure.
 *
 * The rules and their reasons are in `tb_versions/comparison/architecture.py`, which also makes the names without counters.
 */
import type { Architecture } from "../../../api/types";
import { sorted, sortedBy } from "./text";

type Renamed = readonly [before: string, after: string];
type Reshaped = readonly [name: string, before: string, after: string];

/** By the names that each has. `isKnown` is false where names differ and not all variables are listed. */
export interface VariableChanges {
  added: readonly string[];
  removed: readonly string[];
  reshaped: readonly Reshaped[];
  renamed: readonly Renamed[];
  isKnown: boolean;
}

export const NO_VARIABLE_CHANGES: VariableChanges = { added: [], removed: [], reshaped: [], renamed: [], isKnown: true };

/** `isAlike`: all else agrees, so that a layer under another name may be the same one. */
export function variableChanges(old: Architecture, now: Architecture, isAlike: boolean): VariableChanges {
  const [before, after] = [namesOf(old), namesOf(now)];
  if (before.join("\n") === after.join("\n"))
    return { ...NO_VARIABLE_CHANGES, reshaped: reshapedIn(old, now, new Map(after.map((name) => [name, name]))) };
  if (old.omitted > 0 || now.omitted > 0) return { ...NO_VARIABLE_CHANGES, isKnown: false };
  const byKey = new Map(before.map((name) => [keyOf(old, name), name]));
  const pairs = new Map(after.flatMap((name) => (byKey.has(keyOf(now, name)) ? [[name, byKey.get(keyOf(now, name)) as string]] : [])));
  const paired = new Set(pairs.values());
  const added = after.filter((name) => !pairs.has(name));
  const removed = before.filter((name) => !paired.has(name));
  const renamed = isAlike && added.length + removed.length > 0 ? renamedIn(layersOf(old), layersOf(now)) : null;
  if (renamed) return { ...NO_VARIABLE_CHANGES, renamed };
  return { added, removed, reshaped: reshapedIn(old, now, pairs), renamed: [], isKnown: true };
}

const namesOf = ({ variables }: Architecture): string[] => sorted(Object.keys(variables));

/** Only names that have a counter, or a folder that all share, have another key. */
const keyOf = ({ uncounted }: Architecture, name: string): string => (Object.hasOwn(uncounted, name) ? (uncounted[name] as string) : name);

function reshapedIn(old: Architecture, now: Architecture, pairs: ReadonlyMap<string, string>): Reshaped[] {
  const all = [...pairs].map(([name, other]) => [name, old.variables[other] ?? "", now.variables[name] ?? ""] as const);
  return all.filter(([, before, after]) => before !== after);
}

/** Variables of one folder; `word` is the name without counters, `places` what stood in their place. */
interface Layer {
  name: string;
  word: string;
  places: number[];
  holds: string[];
}

const PLACE = /:([0-9]{1,9})(?=\/|$)/g;

/** Layers by what they hold, each list in order: "bias float32[10], kernel float32[64,10]" to dense, dense_1. */
function layersOf(of: Architecture): Map<string, Layer[]> {
  const found = new Map<string, Layer>();
  for (const name of namesOf(of)) {
    const [folder, leaf] = parted(keyOf(of, name));
    const key = folder ?? leaf;
    const own = parted(name)[0] || name;
    const layer = found.get(`${own}\n${key}`) ?? { name: own, word: key.replace(PLACE, ""), places: placesOf(key), holds: [] };
    layer.holds.push(`${folder === null ? "" : leaf} ${of.variables[name]}`);
    found.set(`${own}\n${key}`, layer);
  }
  const byPlace = sortedBy(found.values(), ({ name }) => name).sort((a, b) => inOrder(a.places, b.places));
  const layers = new Map<string, Layer[]>();
  for (const layer of sortedBy(byPlace, ({ word }) => word)) {
    const holds = sorted(layer.holds).join(", ");
    layers.set(holds, [...(layers.get(holds) ?? []), layer]);
  }
  return layers;
}

const placesOf = (key: string): number[] => [...key.matchAll(PLACE)].map((found) => Number(found[1]));

function inOrder(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((place, i) => place !== b[i]);
  return at < 0 ? a.length - b.length : at < b.length ? (a[at] as number) - (b[at] as number) : 1;
}

function parted(name: string): [folder: string | null, leaf: string] {
  const at = name.lastIndexOf("/");
  return at < 0 ? [null, name] : [name.slice(0, at), name.slice(at + 1)];
}

type LayerPair = readonly [Layer, Layer];

/** Layers and what they are called now, without those that differ in a counter only; null for another architecture. */
function renamedIn(old: ReadonlyMap<string, Layer[]>, now: ReadonlyMap<string, Layer[]>): Renamed[] | null {
  if (old.size !== now.size || [...old].some(([held, layers]) => now.get(held)?.length !== layers.length)) return null;
  const pairs = [...old].flatMap(([held, layers]) => counterparts(layers, now.get(held) ?? []));
  const counted = pairs
    .filter(([a, b]) => a.word === b.word)
    .sort(([a, b], [c, d]) => inOrder(a.places, c.places) || inOrder(b.places, d.places));
  const last = new Map<string, number[]>();
  for (const [layer, { places }] of counted) {
    if (inOrder(last.get(layer.word) ?? [], places) > 0) return null;
    last.set(layer.word, places);
  }
  const names = pairs.filter(([a, b]) => a.word !== b.word).map(([a, b]) => [a.name, b.name] as const);
  return sortedBy(names, (pair) => pair.join("\n"));
}

/** Pairs of layers that hold the same: by their words, then the others in order. */
function counterparts(old: readonly Layer[], now: readonly Layer[]): LayerPair[] {
  const waiting = new Map<string, Layer[]>();
  for (const layer of now) waiting.set(layer.word, [...(waiting.get(layer.word) ?? []), layer]);
  const pairs: LayerPair[] = [];
  const left: Layer[] = [];
  for (const layer of old) {
    const other = waiting.get(layer.word)?.shift();
    if (other) pairs.push([layer, other]);
    else left.push(layer);
  }
  const others = [...waiting.values()].flat();
  return [...pairs, ...left.map((layer, i) => [layer, others[i] as Layer] as const)];
}
