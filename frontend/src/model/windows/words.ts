/** What is said of a table that `tb-versions index` made. Pure. */
import type { Standing } from "../../api/types";
import { formatCount } from "../format";

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

function ago(ms: number): string {
  if (ms < MINUTE) return "just now";
  if (ms < 2 * HOUR) return `${Math.floor(ms / MINUTE)} min ago`;
  return ms < 2 * DAY ? `${Math.floor(ms / HOUR)} h ago` : `${Math.floor(ms / DAY)} days ago`;
}

/** "indexed 3 min ago, 12 newer read from the files, 3 gone". `now`: milliseconds since 1970. */
export function standingWords({ indexed, newer, gone, looked }: Standing, now: number): string {
  const words = [
    indexed === null ? "indexed, it is not known when" : `indexed ${ago(Math.max(0, now - indexed))}`,
    ...(newer > 0 ? [`${formatCount(newer)} newer read from the files`] : []),
    ...(gone > 0 ? [`${formatCount(gone)} gone`] : []),
    ...(looked === null ? ["not looked for newer ones"] : []),
  ];
  return words.join(", ");
}
