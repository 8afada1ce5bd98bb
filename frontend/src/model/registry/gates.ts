/** What gates say of a version, in words. Pure. */
import type { GateFinding, GateSaid } from "../../api/registry";
import { formatBytes, formatDate } from "../format";

export const GATE_GLYPHS = new Map([
  ["passed", "✓"],
  ["failed", "✕"],
  ["stale", "≠"],
  ["passed at promotion", "✓"],
  ["not known", "?"],
]);

const WORST = ["failed", "stale", "passed"] as const;

/** What all gates come to, the worst first; null without any. */
export function gateWord(gates: readonly GateSaid[]): string | null {
  return WORST.find((word) => gates.some(({ verdict }) => verdict === word)) ?? null;
}

const PROMOTED = "passed at promotion";

/**
 * What the table says: of a version that holds an alias by its gates, that it passed. Its own promotion made the result
 * stale, for the alias leads to the version itself since.
 */
export function gateShown(gates: readonly GateSaid[]): string | null {
  const word = gateWord(gates);
  const stale = gates.filter(({ verdict }) => verdict === "stale");
  return word === "stale" && stale.every(isByItsPromotion) ? PROMOTED : word;
}

const isByItsPromotion = ({ changed, promoted }: GateSaid): boolean =>
  promoted.length > 0 && changed.length === 1 && changed[0] === "baseline";

const CAUSES: Readonly<Record<string, string>> = {
  files: "its files",
  manifest: "its manifest",
  metrics: "its metrics",
  rules: "the rules",
  baseline: "the baseline",
  required: "what the rules require",
  replay: "the outcome of its replay",
};

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** "stale: its metrics and the baseline changed"; "failed: 2 of 5 rules did not pass". */
export function gateNow({ verdict, changed, failed, count, promoted }: GateSaid): string {
  const old = changed.includes("age") ? ["its later metrics are too old"] : [];
  const causes = changed
    .filter((cause) => cause !== "age")
    .map((cause) => (Object.hasOwn(CAUSES, cause) ? CAUSES[cause] : cause) as string);
  const now = {
    passed: "passed",
    failed: `failed: ${failed} of ${count} rules did not pass`,
    stale: ["stale", [...(causes.length > 0 ? [`${listed(causes)} changed`] : []), ...old].join(" and ")].filter(Boolean).join(": "),
  }[verdict];
  return promoted.length > 0 && verdict !== "passed" ? `${PROMOTED} to ${listed(promoted)}; now ${now}` : now;
}

/** One line for each gate. */
export function gatesTitle(gates: readonly GateSaid[]): string {
  return gates.map((gate) => `${gate.gate} ${gateNow(gate)} · ${formatDate(gate.time)}, ${gate.actor}`).join("\n");
}

export interface Monitor {
  /** The source: "monitoring". */
  name: string;
  word: "good" | "worse" | "stale";
  tone: "good" | "warn";
  title: string;
}

/** What checks of metrics that were measured later say, for the chip beside a version. */
export function monitorsOf(gates: readonly GateSaid[]): Monitor[] {
  return gates.flatMap((gate) => {
    if (gate.on === null) return [];
    const word = gate.verdict === "passed" ? "good" : gate.verdict === "failed" ? "worse" : "stale";
    return [{ name: gate.on, word, tone: word === "good" ? "good" : "warn", title: gatesTitle([gate]) } satisfies Monitor];
  });
}

const BYTES = /\d (B|[kMGT]B)( |$)/;

/** "+0.004", "+49.8 MB": how far inside of the limit; "" where no number decided. */
export function marginText({ rule, found, why, margin }: GateFinding): string {
  if (margin === null || !Number.isFinite(margin)) return "";
  const isSize = rule === "size" && (BYTES.test(found) || BYTES.test(why)); // a metric may have that name, too
  const amount = Math.abs(margin);
  const size = isSize ? formatBytes(amount) : amount.toLocaleString("en-US", { maximumSignificantDigits: 3 });
  return margin < 0 ? `−${size}` : `+${size}`;
}
