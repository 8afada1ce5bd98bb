/** Places and stops of the slider over a model's history. Pure. */

/** Per cent from the left. */
export function placeOnLine(ms: number, from: number, to: number): number {
  if (to <= from) return 100;
  return Math.round(Math.min(1, Math.max(0, (ms - from) / (to - from))) * 10_000) / 100;
}

/** The next event to the right (1) or left (-1), or an end. `stops`: in any order. */
export function nextStop(stops: readonly number[], shown: number, by: -1 | 1, to: number): number {
  const found = stops.filter((stop) => (by === 1 ? stop > shown : stop < shown));
  if (found.length === 0) return by === 1 ? to : shown;
  return by === 1 ? Math.min(...found) : Math.max(...found);
}

const two = (value: number): string => String(value).padStart(2, "0");

/** As a field for date and time wants it: "2026-11-23T07:04" in the reader's time zone. */
export function localValue(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return "";
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
