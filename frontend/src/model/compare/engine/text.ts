/** Texts as Python writes them: what the server says and what this page says must be the same letters. Pure. */
import { grouped } from "../numbers";

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const INNER_JOINER = /(?<!^)\u200d/g;

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

/** A number with its noun: "1 file", "3 files". */
export const count = (number: number, noun: string): string => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;

/** The first names, and how many more there are. */
export function some(names: readonly string[], most = 5): string {
  const rest = names.length - most;
  return names.slice(0, most).join(", ") + (rest > 0 ? ` and ${grouped(rest)} more` : "");
}

/** What stands before the first of these characters, or all. */
export const before = (text: string, mark: string): string => text.split(mark, 1)[0] ?? "";
