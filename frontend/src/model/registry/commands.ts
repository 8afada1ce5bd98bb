/** Changes to the registry: as a command to copy, as the body of a request, and in words. Pure. */
import type { ActionBody, Alias, Verb, VersionNumber } from "../../api/registry";
import type { FilesElsewhere } from "../../api/types";
import { shellQuote, sourceOption } from "../snippets";
import { NOT_PROMOTED } from "./chips";

/** A change that somebody wants to make. */
export interface Change {
  verb: Verb;
  model: string;
  number: VersionNumber;
  alias: string;
  reason: string;
  /** Of a label. */
  key: string;
  /** Of a label; null: it is removed. */
  value: string | null;
  /** Of a note and a description. */
  text: string;
}

/** Which fields a verb takes beside the version. */
export const FIELDS: Readonly<Record<Verb, readonly ("alias" | "reason" | "key" | "value" | "text")[]>> = {
  promote: ["alias", "reason"],
  rollback: ["alias", "reason"],
  unalias: ["alias", "reason"],
  approve: ["reason"],
  withdraw: ["reason"],
  deprecate: ["reason"],
  restore: ["reason"],
  label: ["key", "value", "reason"],
  note: ["text"],
  describe: ["text"],
};

export const VERB_WORDS: Readonly<Record<Verb, string>> = {
  promote: "Promote",
  rollback: "Roll back",
  unalias: "Remove an alias",
  approve: "Approve",
  withdraw: "Withdraw an approval",
  deprecate: "Deprecate",
  restore: "Restore",
  label: "Label",
  note: "Add a note",
  describe: "Describe",
};

const refOf = (model: string, number: VersionNumber): string => `${model}:${number}`;

const takes = (verb: Verb, field: (typeof FIELDS)[Verb][number]): boolean => FIELDS[verb].includes(field);

/** What stands where the reader has to write something. */
const GAP = "…";

/**
 * The command that makes the change. `holder`: who holds the alias as the page knows it, so that the command refuses where
 * somebody was faster. `folder`: the models folder; null: not known. `elsewhere`: where the version's files are, if not there.
 */
export function commandOf(change: Change, holder: Alias | null, folder: string | null, elsewhere?: FilesElsewhere | null): string {
  const { verb, model, number } = change;
  const words = ["tb-versions", verb];
  const operands = verb === "rollback" || verb === "unalias" ? [model] : [refOf(model, number)];
  if (verb === "label") operands.push(`${change.key || GAP}=${change.value === null ? "" : change.value || GAP}`);
  if (takes(verb, "text")) operands.push(change.text || GAP);
  const options: [string, string][] = [];
  if (takes(verb, "alias")) {
    options.push(["--alias", change.alias || GAP]);
    options.push(["--expect", holder ? refOf(model, holder.number) : "none"]);
  }
  if (takes(verb, "reason") && (change.reason || verb !== "label")) options.push(["--reason", change.reason || GAP]);
  if (folder !== null) options.push(["--models-dir", folder]);
  // These look at the files.
  if (elsewhere && (verb === "promote" || verb === "rollback")) options.push(["--source", sourceOption(elsewhere)]);
  const written = options.map(([name, value]) => `${name} ${shellQuote(value)}`);
  const named = operands.map(shellQuote);
  // A name that begins with a dash is no option.
  const isOdd = operands.some((operand) => operand.startsWith("-"));
  const first = isOdd ? words : [...words, ...named];
  return [first.join(" "), ...written, ...(isOdd ? [`-- ${named.join(" ")}`] : [])].join(" \\\n  ");
}

export function bodyOf(change: Change, holder: Alias | null): ActionBody {
  const { verb, model, number, alias, reason, key, value, text } = change;
  const version = verb === "rollback" || verb === "unalias" ? {} : { number };
  const body: ActionBody = { model, ...version };
  if (takes(verb, "alias")) Object.assign(body, { alias, expect: holder?.number ?? null });
  if (takes(verb, "reason")) body.reason = reason;
  if (takes(verb, "key")) Object.assign(body, { key, value });
  if (takes(verb, "text")) body.text = text;
  return body;
}

/** What the change turns into what: "production: digits 13" → "production: digits 11". */
export interface Transition {
  subject: string;
  before: string;
  after: string;
  /** A sentence where the change would change nothing, or can't be made. */
  refused: string;
  /** What speaks against it, a sentence; "": nothing is known to. */
  caution: string;
}

/** What is known of the version before the change. */
export interface Before {
  holder: Alias | null;
  aliases: readonly string[];
  approvals: readonly string[];
  deprecated: boolean;
  removed: boolean;
  label: string | null;
  description: string;
}

const NOBODY = "no version";

export function transitionOf(change: Change, before: Before): Transition {
  const { verb, model, number, alias } = change;
  const name = `${model} ${number}`;
  const held = before.holder ? `${model} ${before.holder.number}` : NOBODY;
  const holder = before.holder?.another_manifest ? `${held} (${NOT_PROMOTED})` : held;
  const caution = verb === "promote" && before.deprecated ? `${name} is deprecated.` : "";
  const made = (subject: string, from: string, after: string, refused = ""): Transition => ({
    subject,
    before: from,
    after,
    refused,
    caution,
  });
  const gone = before.removed ? `${name} was removed: its files are gone.` : "";
  switch (verb) {
    case "promote": {
      const already = holder === name ? `${name} holds ${alias} already.` : "";
      const missing = alias === "" ? "Name an alias." : change.reason.trim() === "" ? "Say why." : "";
      return made(alias, holder, name, gone || already || missing);
    }
    case "rollback": {
      const to = before.holder?.previous[0];
      const after = to === undefined ? NOBODY : `${model} ${to}`;
      return made(alias, holder, after, to === undefined ? `There is no earlier holder of ${alias || "the alias"} to go back to.` : "");
    }
    case "unalias":
      return made(alias, holder, NOBODY, before.holder ? "" : `No version of ${model} holds ${alias || "the alias"}.`);
    case "approve":
    case "withdraw": {
      const by = before.approvals.length === 0 ? "not approved" : `approved by ${before.approvals.join(", ")}`;
      const after = verb === "approve" ? "approved by you too" : "without your approval";
      return made(name, by, verb === "approve" && before.approvals.length === 0 ? "approved by you" : after);
    }
    case "deprecate":
      return made(
        name,
        "in use or free to use",
        "deprecated: hidden from the table",
        before.deprecated ? `${name} is deprecated already.` : "",
      );
    case "restore":
      return made(name, "deprecated", "no longer deprecated", before.deprecated ? "" : `${name} is not deprecated.`);
    case "label": {
      const after = change.value === null ? "none" : change.value;
      return made(`label ${change.key}`, before.label ?? "none", after, change.key === "" ? "Name the label." : "");
    }
    case "note":
      return made(`notes of ${name}`, "as they are", "and this one", change.text.trim() === "" ? "Write the note." : "");
    case "describe":
      return made(`description of ${name}`, before.description || "none", change.text || "none");
  }
}
