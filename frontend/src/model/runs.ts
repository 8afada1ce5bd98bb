/** Runs as TensorBoard shows them: their colours, and links to exactly these runs. */

import { pack, writeHash } from "./view";
import type { Whole } from "./whole";

const LIGHT = ["#425066", "#12b5cb", "#e52592", "#f9ab00", "#9334e6", "#7cb342", "#e8710a"];
const DARK = ["#8e98a3", ...LIGHT.slice(1)];

/** Above this many runs Time Series lists a filtered run but draws no curve. */
export const MOST_RUNS_IN_TIME_SERIES = 500;
/** TensorBoard refuses a request line above 64 kB. */
const LONGEST_QUERY = 60_000;

/** TensorBoard's colours of runs. */
export const palette = (dark: boolean): readonly string[] => (dark ? DARK : LIGHT);

/** `position`: the run's place in TensorBoard's own list of runs. */
export function paletteColor(position: number, dark: boolean): string {
  const colors = palette(dark);
  return colors[position % colors.length] as string;
}

function escapeRegex(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** A regex for exactly these runs. TensorBoard's filter ignores case; where that would match another run too, the regex asks for case. */
export function runRegex(names: string[], allRuns: string[]): string {
  const asked = new Set(names);
  const folded = new Set(names.map((name) => name.toLowerCase()));
  const trap = allRuns.some((run) => !asked.has(run) && folded.has(run.toLowerCase()));
  const inner = names.map(escapeRegex).join("|");
  const body = names.length === 1 ? inner : `(${inner})`;
  return trap ? `^(?-i:${inner})$` : `^${body}$`;
}

/** `base`: TensorBoard's own address, without query and hash. */
export function runLink(base: string, names: string[], allRuns: string[]): string {
  const regex = encodeURIComponent(runRegex(names, allRuns));
  if (allRuns.length > MOST_RUNS_IN_TIME_SERIES || base.length + regex.length > LONGEST_QUERY) {
    return `${base}#scalars&regexInput=${regex}`;
  }
  return `${base}?runFilter=${regex}#timeseries`;
}

/** What a link to runs is made of. */
export interface RunLink {
  href: string;
  target: "_parent" | "_blank" | "_self";
  rel?: string;
}

/** Most members that a page of curves is opened with. */
const MOST_MEMBERS = 60;

/** What the page of curves shows for runs: the versions that they made, so that the exports are marked; else the runs. */
export function curveMembers({ columns, runs }: Pick<Whole, "columns" | "runs">, names: string[]): string[] {
  const asked = new Set(names);
  const made = columns.id.filter((_, row) => (columns.runs[row] ?? []).some((index) => asked.has(runs[index] as string)));
  return (made.length > 0 ? made : names.map((name) => `run:${name}`)).slice(0, MOST_MEMBERS);
}

/** The address of the curves of these members in this very page. */
export function curvesHash(members: string[]): string {
  return writeHash("", new Map([["cmp", pack(members)]]));
}
