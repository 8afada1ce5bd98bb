/** Aliases: their order and their colours. Pure. */

/** The alias that says what is in use. */
export const PRODUCTION = "production";

/** Number of colours, the first of which belongs to production; see theme/chips.css. */
const TONES = 8;

/** The colour of an alias follows from its name alone: the same on every page and every day. */
export function toneOf(name: string): number {
  if (name === PRODUCTION) return 0;
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193) >>> 0;
  return 1 + (hash % (TONES - 1));
}

/** production first, then by name. */
export function byAlias(a: string, b: string): number {
  if (a === b) return 0;
  if (a === PRODUCTION) return -1;
  if (b === PRODUCTION) return 1;
  return a < b ? -1 : 1;
}
