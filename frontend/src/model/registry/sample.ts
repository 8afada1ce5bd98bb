/** A registry for the tests, as the server writes it. */
import type { LogEvent } from "../../api/registry";

export const DAY = 86_400_000;
export const BEGIN = Date.UTC(2026, 9, 1);

let last = 0;

/** An event of a day after the beginning. */
export function event(kind: string, version: number | null, day: number, more: Partial<LogEvent> = {}): LogEvent {
  const effective = BEGIN + day * DAY;
  last = more.number ?? last + 1;
  return {
    ...{ number: last, kind, version, time: effective, effective, skewed: false, actor: "anna", reason: "" },
    ...{ tool: "tb_versions 1", critical: false, known: true, origin: null },
    ...more,
  };
}

/** production: 1, then 2, then 10, back to 2; 10 deprecated; 1 removed. */
export function history(): LogEvent[] {
  last = 0;
  return [
    event("alias_set", 1, 1, { alias: "production", from: null }),
    event("approved", 2, 2, { actor: "ben", reason: "looks good" }),
    event("alias_set", 2, 3, { alias: "production", from: 1 }),
    event("alias_set", 10, 4, { alias: "production", from: 2 }),
    event("alias_rolled_back", 2, 5, { alias: "production", from: 10, reason: "10 refuses batch size 1" }),
    event("deprecated", 10, 6, { reason: "refuses batch size 1" }),
    event("label_set", 2, 7, { key: "team", value: "ops" }),
    event("noted", 2, 8, { text: "**bold**" }),
    event("removed", 1, 9, { by: "keep=3 of run mlp", size: 1_234 }),
    event("alias_set", 10, 10, { alias: "canary", from: null }),
    event("alias_removed", 10, 11, { alias: "canary" }),
    event("gate_passed", 2, 12, { known: false, data: '{"gate":"release"}' }),
  ];
}

/** What the table's answer says of the sample's models; see testing.ts. */
export function wireRegistry(more: object = {}): object {
  return {
    at: null,
    models: {
      digits: {
        ...{ folder: "models/digits", head: 12, time: BEGIN, problem: null, kind: null, skewed: 0, policy: null },
        aliases: [
          { name: "canary", number: 1, event: 2, actor: "anna", time: BEGIN, reason: "", previous: [] },
          { name: "production", number: 1, event: 1, actor: "anna", time: BEGIN, reason: "the first", previous: [2] },
        ],
        versions: {
          "1": { events: 2, approvals: [{ actor: "ben", time: BEGIN, reason: "" }], labels: { team: "ops", late: "x" } },
          "2": { events: 1, removed: { actor: "keep", time: BEGIN, reason: "", by: "keep=3 of run mlp" }, semantic_version: "1.5.0" },
          "10": { events: 1, deprecated: { actor: "ben", time: BEGIN, reason: "slow" }, description: "Slow", labels: { team: null } },
        },
        ...{ ids: {}, others: [] },
        ...more,
      },
    },
    measured: [
      { key: "accuracy [clinic] (monitoring)", name: "accuracy", goal: "max", dataset: "clinic", slice: "", source: "monitoring" },
    ],
    measured_values: { "digits:1": [[0, 0.9, BEGIN]], "digits:10": [[0, "NaN", BEGIN + DAY]] },
  };
}
