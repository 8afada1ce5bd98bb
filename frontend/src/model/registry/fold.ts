/** The state that follows from events, as `tb_versions/registry/state.py` makes it. For exports, which have no server to ask. Pure. */
import type { Alias, By, GateSaid, LogEvent, ModelSaid, VersionNumber, VersionSaid } from "../../api/registry";
import { byAlias } from "./aliases";
import { replayWords } from "./words";

interface Stack {
  /** Holders, the oldest first; the last holds it now. */
  holders: VersionNumber[];
  by: By;
  event: number;
}

const MOST_PREVIOUS = 20;

const nothing = (): VersionSaid => ({
  approvals: [],
  approvals_of_another_manifest: [],
  deprecated: null,
  removed: null,
  labels: Object.create(null) as Record<string, string | null>,
  description: null,
  semantic_version: null,
  verified: null,
  signed: null,
  gates: [],
  replayed: null,
  notes: 0,
  events: 0,
});

const same = (a: VersionNumber | undefined, b: VersionNumber): boolean => String(a) === String(b);

function moveAlias(stacks: Map<string, Stack>, event: LogEvent, by: By): void {
  const { alias, version } = event;
  if (alias === undefined || version === null) return;
  if (event.kind === "alias_removed") {
    stacks.delete(alias);
    return;
  }
  const holders = [...(stacks.get(alias)?.holders ?? [])];
  if (event.kind === "alias_rolled_back") {
    while (holders.length > 0 && !same(holders.at(-1), version)) holders.pop();
    holders.pop();
  }
  stacks.set(alias, { holders: [...holders, version], by, event: event.number });
}

const CHANGES: Readonly<Record<string, (said: VersionSaid, event: LogEvent, by: By) => void>> = {
  approved(said, event, by) {
    said.approvals = [...said.approvals.filter(({ actor }) => actor !== event.actor), by];
  },
  approval_withdrawn(said, event) {
    said.approvals = said.approvals.filter(({ actor }) => actor !== event.actor);
  },
  deprecated(said, _, by) {
    said.deprecated = by;
  },
  restored(said) {
    said.deprecated = null;
  },
  removed(said, event, by) {
    said.removed = { ...by, by: event.by || "remove" };
  },
  label_set(said, event) {
    if (event.key !== undefined) said.labels[event.key] = event.value ?? null;
  },
  label_removed(said, event) {
    if (event.key !== undefined) said.labels[event.key] = null;
  },
  described(said, event) {
    said.description = event.text ?? null;
  },
  noted(said) {
    said.notes += 1;
  },
  semantic_version_given(said, event) {
    said.semantic_version = event.semantic_version ?? null;
  },
  verified(said, { ok, how }, by) {
    const good = how === "digests" ? "verified" : "quick";
    said.verified = { ...by, ok: ok === true, how: how ?? "", now: ok === true ? good : "changed" };
  },
  /** Of which manifest it was, an event of an export does not say. */
  replayed(said, event, by) {
    said.replayed = { ...by, ok: event.ok === true, words: replayWords(event), manifest: null };
  },
  /** As it was recorded: whether it was stale that day is not known here. */
  gate_checked(said, { gate = "", on = "", passed, findings = [], number }, { actor, time }) {
    const key = on ? `${gate} on ${on}` : gate;
    const failed = findings.filter(({ verdict }) => verdict !== "passed").length;
    const result: GateSaid = {
      ...{ gate: key, on: on || null, verdict: passed === true ? "passed" : "failed", passed: passed === true },
      ...{ count: findings.length, failed, changed: [], until: null, promoted: [], event: number, actor, time },
    };
    said.gates = [...said.gates.filter((each) => each.gate !== key), result].sort((a, b) => (a.gate < b.gate ? -1 : 1));
  },
};

const ALIAS_KINDS = new Set(["alias_set", "alias_rolled_back", "alias_removed"]);

/** `events`: oldest first. The state after the last one whose effective time is not after `at`. */
export function foldEvents(events: readonly LogEvent[], at: number): ModelSaid {
  const stacks = new Map<string, Stack>();
  const versions = Object.create(null) as Record<string, VersionSaid>;
  let [head, time, skewed]: [number, number | null, number] = [0, null, 0];
  for (const event of events) {
    if (event.effective > at) break;
    head = event.number;
    time = event.effective;
    skewed += Number(event.skewed);
    const by = { actor: event.actor, time, reason: event.reason };
    if (event.version === null) continue;
    const said = (versions[String(event.version)] ??= nothing());
    said.events += 1;
    if (ALIAS_KINDS.has(event.kind)) moveAlias(stacks, event, by);
    else if (Object.hasOwn(CHANGES, event.kind)) CHANGES[event.kind]?.(said, event, by);
  }
  const aliases = [...stacks].map(
    ([name, { holders, by, event }]): Alias => ({
      ...by,
      name,
      number: holders.at(-1) as VersionNumber,
      event,
      previous: holders.slice(0, -1).reverse().slice(0, MOST_PREVIOUS),
      // An event of an export does not say of which manifest it was.
      another_manifest: false,
    }),
  );
  aliases.sort((a, b) => byAlias(a.name, b.name));
  return { folder: "", head, time, problem: null, kind: null, skewed, policy: null, aliases, versions, ids: {}, others: [] };
}
