/** What the registry says of the contents of a version's files: whether somebody compared them, and what came of it. Pure. */
import { formatDate } from "../format";
import type { Said } from "./overlay";

/** `tone`: "dim" where it is not known. */
export interface Verified {
  tone: "good" | "bad" | "dim";
  words: string;
}

const WAYS: ReadonlyMap<string, string> = new Map([
  ["digests", "every file was read"],
  ["sizes", "names and sizes only"],
]);

/** The newest result that is recorded: as published, changed, or none. */
export function verifiedNow({ version, unknown }: Said): Verified {
  if (unknown) return { tone: "dim", words: "not known, as the registry's log can't be read" };
  const verified = version?.verified;
  if (!verified) return { tone: "dim", words: "not checked: no verification is recorded" };
  const way = WAYS.get(verified.how) ?? verified.how;
  const when = `${formatDate(verified.time)} by ${verified.actor}`;
  return verified.ok
    ? { tone: "good", words: `verified: as published on ${when} (${way})` }
    : { tone: "bad", words: `changed: not as published on ${when} (${way})` };
}
