/** The line of what was in production: over time its steps, over versions the value of today's. Pure. */
import { PRODUCTION } from "../model/registry/aliases";
import type { Held } from "../model/registry/holders";
import type { Picture, Point } from "./points";

/** By model who held production when. */
export type Holders = ReadonlyMap<string, readonly Held[]>;

/** Places on both axes; a gap where the holder has no value or is not drawn. */
export type Step = [x: number, y: number] | ["-", "-"];

export interface ProductionLine {
  model: string;
  steps: Step[];
  /** "digits 13 since 2026-11-24 16:05" is made of these. */
  last: Point | null;
}

/** More of them would cover each other. */
const MOST_MODELS = 4;

function overTime(points: readonly Point[], held: readonly Held[], now: number): Step[] {
  const byNumber = new Map(points.map((point) => [String(point.number), point]));
  return held.flatMap(({ number, from, to }): Step[] => {
    const point = byNumber.get(String(number));
    if (!point) return [["-", "-"]];
    return [
      [from, point.value],
      [to ?? now, point.value],
    ];
  });
}

/** `holders`: over time; null: over versions. `now`: where the last step ends, milliseconds since 1970. */
export function productionLines({ lines, numbers }: Picture, holders: Holders | null, now: number): ProductionLine[] {
  const drawn = lines.slice(0, MOST_MODELS).map(({ model, points }): ProductionLine => {
    const last = points.find((point) => point.aliases.includes(PRODUCTION)) ?? null;
    if (holders) return { model, steps: overTime(points, holders.get(model) ?? [], now), last };
    const right = numbers.length - 1;
    return { model, steps: last && right > 0 ? ([0, right].map((x) => [x, last.value]) as Step[]) : [], last };
  });
  return drawn.filter(({ steps }) => steps.some(([x]) => x !== "-"));
}

/** "production of digits: 8 now; before it 3, 6, 3, 2", the newest first. */
export function productionWords(model: string, held: readonly Held[]): string {
  const newest = held.toReversed();
  const [first, ...before] = newest;
  if (!first) return "";
  const now = first.to === null ? `${first.number} now` : "no version now";
  const rest = (first.to === null ? before : newest).map(({ number }) => String(number));
  const named = rest.slice(0, 8).join(", ") + (rest.length > 8 ? ` and ${rest.length - 8} more` : "");
  return `production of ${model}: ${now}${named && `; before it ${named}`}`;
}
