/** How what is known of a version's trust looks; its words come from the server. Pure. */

export type TrustTone = "good" | "bad" | "warn" | "dim";

export const TRUST_GLYPHS: Readonly<Record<TrustTone, string>> = { good: "✓", bad: "✕", warn: "?", dim: "–" };

/** Of a word in the table; one that is not known is no yes. */
export function trustTone(word: string): TrustTone {
  if (word === "verified") return "good";
  return word === "changed" || word === "refused" ? "bad" : "warn";
}
