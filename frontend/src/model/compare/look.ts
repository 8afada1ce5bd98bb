/** How a comparison looks, and its form in the URL. Pure. */
import type { XAxis } from "../curves/axis";
import { pack, unpack, type View } from "../view";

export type Goal = "max" | "min";

export interface Look {
  /** The member that the others are compared with; null: the first. */
  base: string | null;
  /** Tags whose curves are drawn; null: those that the metrics suggest. */
  tags: string[] | null;
  /** Tags whose charts come first. */
  pins: string[];
  /** Runs whose curves are hidden. */
  hide: string[];
  goals: ReadonlyMap<string, Goal>;
  /** Equal rows too. */
  all: boolean;
  x: XAxis;
  smooth: number;
  log: boolean;
  outliers: boolean;
}

const MOST_SMOOTH = 0.999;

function goalsOf(text: string | undefined): Map<string, Goal> {
  const goals = new Map<string, Goal>();
  for (const part of unpack(text)) {
    const at = part.lastIndexOf("=");
    const goal = part.slice(at + 1);
    if (at > 0 && (goal === "max" || goal === "min")) goals.set(part.slice(0, at), goal);
  }
  return goals;
}

export function decodeLook(look: View["look"]): Look {
  const smooth = Number(look.smooth ?? 0);
  return {
    base: look.base || null,
    // A single "-" is "none at all": an empty value would not be in the URL.
    tags: look.tags === undefined ? null : look.tags === "-" ? [] : unpack(look.tags),
    pins: unpack(look.pins),
    hide: unpack(look.hide),
    goals: goalsOf(look.goals),
    all: look.all === "1",
    x: look.x === "relative" || look.x === "wall" ? look.x : "step",
    smooth: Number.isFinite(smooth) ? Math.min(Math.max(smooth, 0), MOST_SMOOTH) : 0,
    log: look.log === "1",
    outliers: look.out === "1",
  };
}

/** Only what differs from the defaults. */
export function encodeLook(look: Look): View["look"] {
  const tags = look.tags === null ? "" : look.tags.length === 0 ? "-" : pack(look.tags);
  const entries: [string, string][] = [
    ["base", look.base ?? ""],
    ["tags", tags],
    ["pins", pack(look.pins)],
    ["hide", pack(look.hide)],
    ["goals", pack([...look.goals].map(([name, goal]) => `${name}=${goal}`))],
    ["all", look.all ? "1" : ""],
    ["x", look.x === "step" ? "" : look.x],
    ["smooth", look.smooth > 0 ? String(look.smooth) : ""],
    ["log", look.log ? "1" : ""],
    ["out", look.outliers ? "1" : ""],
  ];
  return Object.fromEntries(entries.filter(([, value]) => value !== ""));
}
