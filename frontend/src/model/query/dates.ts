/** Dates and sizes as written in a filter. */

/** A day is a span: "= 2026-11-01" means within it, "> 2026-11-01" after it. */
export interface Span {
  from: number;
  to: number;
}

const UNITS = new Map([
  ["s", 1e3],
  ["m", 60e3],
  ["min", 60e3],
  ["h", 3600e3],
  ["d", 86400e3],
  ["w", 7 * 86400e3],
]);

/** "7d" is the moment seven days ago; "2026-11", "2026-11-01" and "2026-11-01T12:30" are local times. */
export function parseDate(text: string, now: number): Span | null {
  const ago = /^(\d{1,9}(?:\.\d{1,9})?)(s|min|m|h|d|w)$/.exec(text);
  if (ago) {
    const at = now - Number(ago[1]) * (UNITS.get(ago[2] as string) as number);
    return { from: at, to: at };
  }
  if (text === "today" || text === "yesterday") {
    const day = new Date(now);
    day.setHours(0, 0, 0, 0);
    if (text === "yesterday") day.setDate(day.getDate() - 1);
    return span(day.getFullYear(), day.getMonth(), day.getDate());
  }
  const date = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(text);
  if (date) return calendar(Number(date[1]), date[2], date[3]);
  return moment(text);
}

const MOMENT = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?)$/;

/** No more than the ISO form: what else a browser reads as a date differs between browsers. */
function moment(text: string): Span | null {
  const found = MOMENT.exec(text);
  if (!found || !calendar(Number(found[1]), found[2], found[3])) return null;
  const time = found[4] as string;
  const at = time.startsWith("24") ? Number.NaN : Date.parse(`${text.slice(0, 10)}T${time}`);
  return Number.isNaN(at) ? null : { from: at, to: at };
}

function span(year: number, month: number, day: number): Span {
  return { from: new Date(year, month, day).getTime(), to: new Date(year, month, day + 1).getTime() - 1 };
}

function calendar(year: number, month: string | undefined, day: string | undefined): Span | null {
  const m = Number(month ?? 1) - 1;
  const d = Number(day ?? 1);
  // A two-digit year would be one of the twentieth century.
  if (year < 100 || m < 0 || m > 11 || d < 1 || d > new Date(year, m + 1, 0).getDate()) return null;
  if (day) return span(year, m, d);
  const end = month ? new Date(year, m + 1, 1) : new Date(year + 1, 0, 1);
  return { from: new Date(year, m, 1).getTime(), to: end.getTime() - 1 };
}

const BYTES = new Map([
  ["", 1],
  ["b", 1],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["tb", 1e12],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
  ["tib", 2 ** 40],
]);

export function parseSize(text: string): number | null {
  const found = /^(\d{1,15}(?:\.\d{1,9})?)\s?([a-z]{0,3})$/i.exec(text);
  const unit = found && BYTES.get((found[2] as string).toLowerCase());
  return found && unit ? Number(found[1]) * unit : null;
}

/** "1e-3", "-inf", "nan", "1,000" is none. */
export function parseNumber(text: string): number | null {
  if (/^[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})(e[+-]?\d{1,4})?$/i.test(text)) return Number(text);
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (!word) return null;
  if ((word[2] as string).toLowerCase() === "nan") return Number.NaN;
  return word[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
