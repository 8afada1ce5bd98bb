/** The state of the page that a link carries, and its form in TensorBoard's URL hash. */
import { type Choice, NO_CHOICE } from "./choice";
import { type Brush, packBrushes, unpackBrushes } from "./explore/brush";
import type { Grouping } from "./group";
import { decoded } from "./packing";
import type { Facets } from "./rows";
import type { SortKey } from "./sort";

export interface View extends Facets {
  q: string;
  sort: SortKey[];
  group: Grouping;
  choice: Choice;
  /** The version in the detail panel. */
  open: string | null;
  tab: string;
  selected: string[];
  metric: string | null;
  /** Whether the panel above the table is unfolded. */
  chart: boolean;
  /** Which chart the panel shows; see views/panel/kinds.ts. */
  panel: string;
  /** Whether the panel may have the table's place. */
  large: boolean;
  /** Columns of the scatter matrix and of the parallel coordinates; empty: the most telling ones. */
  axes: string[];
  /** Columns of the scatter chart, horizontal and vertical; empty: as above. */
  xy: string[];
  /** Column that colours the charts; null: the leading metric. */
  color: string | null;
  brush: readonly Brush[];
  /** What the lineage graph leaves out: "runs", "data". */
  without: string[];
  /** null: as wide as the window allows. */
  side: boolean | null;
  /** Deprecated and removed versions are shown too. */
  withdrawn: boolean;
  /** Everything is shown as it was then, milliseconds since 1970; null: as it is. */
  at: number | null;
  /** The model whose history is shown; null: the one that is most likely meant. */
  history: string | null;
  /** The chart over versions is one over time. */
  overTime: boolean;
  /** What is compared: "digits:3", "run:mlp"; empty: the table is shown. */
  compare: string[];
  /** How the comparison looks: keys of the URL that only its page reads. */
  look: Readonly<Record<string, string>>;
}

/** The keys that `look` may have; see model/compare/look.ts. */
const LOOK = ["base", "tags", "pins", "hide", "goals", "all", "x", "smooth", "log", "out"];

/** What the lineage graph may leave out. */
export const LINEAGE_PARTS = ["runs", "data"];

export const DEFAULT_SORT: SortKey[] = [{ id: "created", desc: true }];

export const EMPTY_VIEW: View = {
  q: "",
  models: [],
  aliases: [],
  runs: [],
  states: [],
  sort: DEFAULT_SORT,
  group: "none",
  choice: NO_CHOICE,
  open: null,
  tab: "",
  selected: [],
  metric: null,
  chart: true,
  panel: "",
  large: false,
  axes: [],
  xy: [],
  color: null,
  brush: [],
  without: [],
  side: null,
  withdrawn: false,
  at: null,
  history: null,
  overTime: false,
  compare: [],
  look: {},
};

export const PREFIX = "p.versions.";
const MOST_SELECTED = 200;

/** Lists are separated by commas; a comma or a marker inside a name is escaped once more. */
const e = (name: string): string => name.replace(/[%,>]/g, encodeURIComponent);

export const pack = (names: string[]): string => names.map(e).join(",");

export const unpack = (text: string | undefined): string[] => (text ? text.split(",").filter(Boolean).map(decoded) : []);

function packSort(keys: SortKey[]): string {
  return keys.map((key) => (key.desc ? "-" : "+") + e(key.id)).join(",");
}

function unpackSort(text: string | undefined): SortKey[] {
  if (text === undefined) return DEFAULT_SORT;
  return text
    .split(",")
    .filter((part) => part.length > 1)
    .map((part) => ({ id: decoded(part.slice(1)), desc: part[0] === "-" }));
}

/** "-created" hidden, "+last:loss" shown, "size>version" moved right behind. */
function packChoice(choice: Choice): string {
  return [
    ...choice.hidden.map((id) => `-${e(id)}`),
    ...choice.shown.map((id) => `+${e(id)}`),
    ...choice.moved.map(([id, behind]) => `${e(id)}>${e(behind)}`),
  ].join(",");
}

function unpackChoice(text: string | undefined): Choice {
  const choice: Choice = { shown: [], hidden: [], moved: [] };
  for (const part of (text ?? "").split(",")) {
    const [id, behind] = part.split(">");
    if (behind !== undefined && id) choice.moved.push([decoded(id), decoded(behind)]);
    else if (part[0] === "-") choice.hidden.push(decoded(part.slice(1)));
    else if (part[0] === "+") choice.shown.push(decoded(part.slice(1)));
  }
  return choice;
}

/** Only what differs from the empty view. */
export function encodeView(view: View): Map<string, string> {
  const out = new Map<string, string>();
  const put = (key: string, value: string): void => {
    if (value !== "") out.set(key, value);
  };
  put("q", view.q);
  put("m", pack(view.models));
  put("a", pack(view.aliases));
  put("r", pack(view.runs));
  put("st", pack(view.states));
  if (packSort(view.sort) !== packSort(DEFAULT_SORT)) out.set("sort", packSort(view.sort));
  put("group", view.group === "none" ? "" : view.group);
  put("cols", packChoice(view.choice));
  put("v", view.open ?? "");
  put("tab", view.open === null ? "" : view.tab);
  put("sel", pack(view.selected.slice(0, MOST_SELECTED)));
  put("metric", view.metric ?? "");
  put("chart", view.chart ? "" : "0");
  put("panel", view.panel);
  put("large", view.large ? "1" : "");
  put("axes", pack(view.axes));
  put("xy", pack(view.xy));
  put("color", view.color ?? "");
  put("brush", packBrushes(view.brush));
  put("lin", view.without.map((kind) => `-${kind}`).join(","));
  put("side", view.side === null ? "" : String(Number(view.side)));
  put("wd", view.withdrawn ? "1" : "");
  put("at", view.at === null ? "" : String(view.at));
  put("hist", view.history ?? "");
  put("over", view.overTime ? "time" : "");
  put("cmp", pack(view.compare));
  if (view.compare.length > 0) for (const key of LOOK) put(key, view.look[key] ?? "");
  return out;
}

export function decodeView(keys: Map<string, string>): View {
  const group = keys.get("group");
  const side = keys.get("side");
  return {
    q: keys.get("q") ?? "",
    models: unpack(keys.get("m")),
    aliases: unpack(keys.get("a")),
    runs: unpack(keys.get("r")),
    states: unpack(keys.get("st")),
    sort: unpackSort(keys.get("sort")),
    group: group === "model" || group === "run" ? group : "none",
    choice: unpackChoice(keys.get("cols")),
    open: keys.get("v") || null,
    tab: keys.get("tab") ?? "",
    selected: unpack(keys.get("sel")),
    metric: keys.get("metric") || null,
    chart: keys.get("chart") !== "0",
    panel: keys.get("panel") ?? "",
    large: keys.get("large") === "1",
    axes: unpack(keys.get("axes")),
    xy: unpack(keys.get("xy")),
    color: keys.get("color") || null,
    brush: unpackBrushes(keys.get("brush")),
    without: LINEAGE_PARTS.filter((part) => keys.get("lin")?.split(",").includes(`-${part}`)),
    side: side === undefined ? null : side !== "0",
    withdrawn: keys.get("wd") === "1",
    at: momentOf(keys.get("at")),
    history: keys.get("hist") || null,
    overTime: keys.get("over") === "time",
    compare: unpack(keys.get("cmp")),
    look: Object.fromEntries(LOOK.flatMap((key) => (keys.get(key) ? [[key, keys.get(key) as string]] : []))),
  };
}

/** The key of the token that allows changes: it leaves the address as soon as it is read. */
const TOKEN = "token";
const LONGEST_TOKEN = 512;

/** The token in an address, and the address without it; null: there is none. */
export function takeToken(hash: string): { token: string; hash: string } | null {
  const token = readHash(hash).get(TOKEN);
  if (token === undefined) return null;
  const parts = hash.replace(/^#/, "").split("&");
  const kept = parts.filter((part) => decoded(part.split("=")[0] ?? "") !== PREFIX + TOKEN);
  return { token: token.slice(0, LONGEST_TOKEN), hash: `#${kept.join("&")}` };
}

/** Milliseconds since 1970, that a date can have. */
function momentOf(text: string | undefined): number | null {
  const at = text && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isNaN(new Date(at).getTime()) ? null : at;
}

/** The hash is "#versions&key=value&…"; other keys belong to others. */
export function readHash(hash: string): Map<string, string> {
  const keys = new Map<string, string>();
  for (const part of hash.replace(/^#/, "").split("&")) {
    const at = part.indexOf("=");
    if (at < 0) continue;
    const key = decoded(part.slice(0, at));
    if (key.startsWith(PREFIX)) keys.set(key.slice(PREFIX.length), decoded(part.slice(at + 1)));
  }
  return keys;
}

export function writeHash(hash: string, keys: Map<string, string>): string {
  const foreign = hash
    .replace(/^#/, "")
    .split("&")
    .slice(1)
    .filter((part) => part !== "" && !part.startsWith(PREFIX));
  const own = [...keys].map(([key, value]) => `${PREFIX}${key}=${encodeURIComponent(value)}`);
  return `#${["versions", ...own, ...foreign].join("&")}`;
}
