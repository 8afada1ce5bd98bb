/** Numbers and texts as Python writes them: what the server says and what this page says must be the same letters. Pure. */

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const INNER_JOINER = /(?<!^)\u200d/g;
const EXACT_DIGITS = 60;

/** The text with hidden characters spelled out like \u{202e}. */
export function visible(text: string): string {
  if (!HIDDEN.test(text) || !HIDDEN.test(text.replaceAll(INNER_JOINER, ""))) return text;
  return [...text].map((c) => (HIDDEN.test(c) ? `\\u{${c.codePointAt(0)?.toString(16)}}` : c)).join("");
}

/** A text as messages quote it: visible, in quotes, cut at 80 characters. */
export function shown(text: string): string {
  return `"${visible(cut(text, 80))}"`;
}

/** At most so many characters, the last of them "…" where some are missing. */
export function cut(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}

export const firstCharacters = (text: string, most: number): string => (text.length <= most ? text : [...text].slice(0, most).join(""));

/** The order of code points, which is Python's; JavaScript's own is that of UTF-16. */
function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Halves of a pair stand for what lies behind every single unit. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

export const sortedBy = <T>(found: Iterable<T>, key: (of: T) => string): T[] => [...found].sort((a, b) => byCodePoint(key(a), key(b)));

export const sorted = (texts: Iterable<string>): string[] => sortedBy(texts, (text) => text);

/** A whole number with thousands separated. */
export const grouped = (whole: bigint | number | string): string => String(whole).replace(/\B(?=(\d{3})+$)/g, ",");

/** `f"{value:.5g}"` for five digits: ties go to the even digit. */
export function significant(value: number, digits: number): string {
  if (Number.isNaN(value)) return "nan";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (!Number.isFinite(value)) return `${sign}inf`;
  if (value === 0) return `${sign}0`;
  const [mantissa, exponent] = rounded(Math.abs(value), digits);
  if (exponent < -4 || exponent >= digits)
    return `${sign}${trimmed(mantissa, 1)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  return sign + (exponent < 0 ? trimmed("0".repeat(-exponent) + mantissa, 1) : trimmed(mantissa, exponent + 1));
}

/** Digits of a positive number, and its power of ten. */
function rounded(value: number, digits: number): [string, number] {
  const parts = (fraction: number): [string, number] => {
    const [mantissa = "", exponent = ""] = value.toExponential(fraction).split("e");
    return [mantissa.replace(".", ""), Number(exponent)];
  };
  const [exact, power] = parts(EXACT_DIGITS);
  const isTie = exact[digits] === "5" && /^0*$/.test(exact.slice(digits + 1));
  return isTie && Number(exact[digits - 1]) % 2 === 0 ? [exact.slice(0, digits), power] : parts(digits - 1);
}

/** The digits with a point behind the first so many, without zeros at the end of the fraction. */
function trimmed(digits: string, whole: number): string {
  const fraction = digits.slice(whole).replace(/0+$/, "");
  return fraction ? `${digits.slice(0, whole)}.${fraction}` : digits.slice(0, whole);
}

/** To the nearest whole number, ties to the even one. */
export function wholeOf(value: number): bigint {
  const floor = Math.floor(value);
  const rest = value - floor;
  return BigInt(rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor);
}

/** Five significant digits. */
export const numberText = (value: number): string => (Number.isNaN(value) ? "NaN" : significant(value, 5).replace("inf", "∞"));

/** A share as a percentage with two significant digits, without its sign: "0.8 %". */
export function percent(share: number): string {
  const amount = Math.abs(share) * 100;
  if (!Number.isFinite(amount)) return "∞ %";
  return `${amount >= 100 ? grouped(wholeOf(amount)) : significant(amount, 2)} %`;
}

/** A number with its noun: "1 file", "3 files". */
export const count = (number: number, noun: string): string => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;

/** The first names, and how many more there are. */
export function some(names: readonly string[], most = 5): string {
  const rest = names.length - most;
  return names.slice(0, most).join(", ") + (rest > 0 ? ` and ${grouped(rest)} more` : "");
}

/** What stands before the first of these characters, or all. */
export const before = (text: string, mark: string): string => text.split(mark, 1)[0] ?? "";
