/** Events in words. Pure. */
import type { LogEvent } from "../../api/registry";
import { formatBytes } from "../format";

/** A part of a sentence: plain words, or something that is shown in its own way. */
export type Piece =
  | { kind: "words"; text: string }
  | { kind: "alias"; text: string }
  | { kind: "version"; text: string }
  /** Text from the data. */
  | { kind: "quote"; text: string };

const words = (text: string): Piece => ({ kind: "words", text });
const quote = (text: string): Piece => ({ kind: "quote", text });

function version({ version: number }: LogEvent): Piece {
  return { kind: "version", text: String(number) };
}

function alias({ alias: name }: LogEvent): Piece {
  return { kind: "alias", text: name ?? "" };
}

function from({ from: number }: LogEvent): Piece[] {
  return number === null || number === undefined ? [] : [{ kind: "version", text: String(number) }, words("→")];
}

const VERIFIED_BY: Readonly<Record<string, string>> = { digests: "by the digests of their contents", sizes: "by names and sizes" };

/** How a replay came out: "replayed on TF 2.21.0 / CPU, max error 3e-7"; with the tolerance where one was given. */
export function replayWords({ ok, tensorflow, device, max_error: error, absolute, relative }: LogEvent): string {
  const where = tensorflow ? ` on TF ${tensorflow} / ${device ?? ""}` : "";
  const size = typeof error === "number" ? `, max error ${Number(error.toPrecision(2))}` : "";
  const given = absolute == null && relative == null ? "" : `, tolerance ${absolute ?? 0},${relative ?? 0}`;
  return `${ok ? "replayed" : "answers differ or are missing, replayed"}${where}${size}${given}`;
}

const shortKey = (fingerprint: string | undefined): string => (fingerprint ? `${fingerprint.slice(0, 19)}…` : "not known");

const SENTENCES: Readonly<Record<string, (event: LogEvent) => Piece[]>> = {
  alias_set: (event) => [alias(event), ...(from(event).length > 0 ? from(event) : [words("set to")]), version(event)],
  alias_rolled_back: (event) => [alias(event), words("rolled back:"), ...from(event), version(event)],
  alias_removed: (event) => [alias(event), words("removed; it named"), version(event)],
  approved: (event) => [version(event), words("approved")],
  approval_withdrawn: (event) => [words("approval of"), version(event), words("withdrawn")],
  deprecated: (event) => [version(event), words("deprecated")],
  restored: (event) => [version(event), words("no longer deprecated")],
  removed: (event) => [
    version(event),
    words("removed"),
    ...(event.by && event.by !== "remove" ? [words("by"), quote(event.by)] : []),
    ...(event.size === null || event.size === undefined ? [] : [words(`(${formatBytes(event.size)})`)]),
  ],
  label_set: (event) => [words("label"), quote(`${event.key ?? ""} = ${event.value ?? ""}`), words("set on"), version(event)],
  label_removed: (event) => [words("label"), quote(event.key ?? ""), words("removed from"), version(event)],
  described: (event) => [version(event), words("described:"), quote(event.text ?? "")],
  noted: (event) => [words("note on"), version(event), words(":"), quote(event.text ?? "")],
  semantic_version_given: (event) => [version(event), words("is"), quote(event.semantic_version ?? "")],
  policy_changed: (event) => [
    words("policy changed"),
    ...((event.loosened?.length ?? 0) > 0 ? [words("and asks for less:"), quote(event.loosened?.join("; ") ?? "")] : []),
  ],
  verified: (event) => [
    words("files of"),
    version(event),
    words(event.ok ? "are as published" : "are not as published"),
    ...(event.how ? [words(`(${Object.hasOwn(VERIFIED_BY, event.how) ? VERIFIED_BY[event.how] : event.how})`)] : []),
    ...(event.found ? [quote(event.found)] : []),
  ],
  deployed: (event) => [
    version(event),
    words("deployed to"),
    quote(event.target ?? ""),
    ...(event.alias ? [words("as"), alias(event)] : []),
  ],
  gate_checked: (event) => {
    const findings = event.findings ?? [];
    const bad = findings.filter(({ verdict }) => verdict !== "passed").map(({ rule }) => rule);
    const more = bad.length > 3 ? ` and ${bad.length - 3} more` : "";
    const gate = event.on ? `${event.gate} on ${event.on}` : (event.gate ?? "");
    const end = event.passed
      ? [words(`passed, ${findings.length} ${findings.length === 1 ? "rule" : "rules"}`)]
      : [words("failed:"), quote(`${bad.slice(0, 3).join(", ")}${more}`)];
    return [version(event), words("gate"), quote(gate), ...end];
  },
  signed: (event) => [version(event), words("signed with the key"), quote(shortKey(event.key)), words("as who signed says")],
  signature_checked: (event) => [
    words("signature of"),
    version(event),
    words(event.ok ? "verified, by" : "not verified:"),
    quote(event.ok ? event.identity || event.name || shortKey(event.key) : (event.found ?? "")),
  ],
  replayed: (event) => [version(event), quote(replayWords(event)), ...(event.found ? [quote(event.found)] : [])],
  inspected: (event) => [version(event), quote(event.words ?? ""), ...(event.found ? [quote(event.found)] : [])],
  behaviour_compared: (event) => [version(event), quote(event.words ?? "")],
  copied: (event) => [version(event), words("copied from"), quote(event.source ?? "")],
};

/** What happened, from its subject on; who, when and why stand beside it. */
export function sentenceOf(event: LogEvent): Piece[] {
  if (event.problem === undefined && Object.hasOwn(SENTENCES, event.kind)) return SENTENCES[event.kind]?.(event) ?? [];
  const of = event.version === null ? [] : [words("about"), version(event)];
  const says = event.data && event.data !== "{}" ? [words(":"), quote(event.data)] : [];
  return [words("event of the kind"), quote(event.kind), ...of, ...says];
}

/** The same as one text, for screen readers and titles. */
export function plainSentence(model: string, event: LogEvent): string {
  const parts = sentenceOf(event).map(({ kind, text }) =>
    kind === "version" ? `${model} ${text}` : kind === "quote" ? `“${text}”` : text,
  );
  return parts.join(" ").replaceAll(" :", ":");
}

export type Mood = "good" | "bad" | "note" | "plain";

const MOODS: Readonly<Record<string, Mood>> = {
  alias_set: "good",
  alias_rolled_back: "bad",
  alias_removed: "bad",
  approved: "note",
  deprecated: "bad",
  removed: "bad",
  approval_withdrawn: "bad",
};

/** How an event's mark looks; the words say the same. */
export function moodOf({ kind, ok, passed, dangerous }: LogEvent): Mood {
  if (kind === "gate_checked") return passed ? "note" : "bad";
  if (["verified", "replayed", "signature_checked"].includes(kind) && ok === false) return "bad";
  if (kind === "inspected" && (dangerous ?? 0) > 0) return "bad";
  return Object.hasOwn(MOODS, kind) ? (MOODS[kind] as Mood) : "plain";
}
