/** Where versions come from, and how each member relates to the baseline, side by side. Pure. */
import type { Member } from "./members";
import { cell, cellOf, type Row, row, UNKNOWN } from "./rows";
import { firstCharacters, lines, strip } from "./text";

const RELATIONS: ReadonlyMap<string, string> = new Map([
  ["fine_tuned_from", "fine-tuned from"],
  ["distilled_from", "distilled from"],
  ["derived_from", "derived from"],
]);

const wordsOf = (relation: string): string => RELATIONS.get(relation) ?? "made from";

export function* lineageRows(members: readonly Member[], baseline: number): Generator<Row> {
  const base = members[baseline] as Member;
  const relations = members.map((member, i) => cellOf(i === baseline ? "baseline" : relationOf(base, member) || null, (words) => words));
  yield row("lineage", "relation", `to ${base.facts.label}`, relations);
  const manifests = members.map(({ manifest }) => manifest);
  const parents = manifests.map((manifest) =>
    cellOf(manifest, (each) => each.parents.map(({ relation, model, number }) => `${wordsOf(relation)} ${model}:${number}`).join(", ")),
  );
  yield row("lineage", "parents", "made from", parents);
  const runs = members.map(({ facts }) => facts.runs[0] ?? null);
  yield row(
    "lineage",
    "run",
    "run",
    runs.map((run) => cellOf(run, ({ name }) => name)),
  );
  yield row(
    "lineage",
    "step",
    "exported at step",
    runs.map((run) => cellOf(run?.step, BigInt)),
  );
  yield row(
    "lineage",
    "semantic_version",
    "semantic version",
    manifests.map((manifest) => cellOf(manifest, (each) => each.semanticVersion)),
  );
  const created = members.map(({ manifest, facts }) => (manifest ? cell(manifest.created ? timeText(facts.created) : null) : UNKNOWN));
  yield row("lineage", "created", "created", created);
  yield row(
    "lineage",
    "description",
    "description",
    manifests.map((manifest) => cellOf(manifest, (each) => firstLine(each.description))),
  );
}

/** How a member came from another: parent, child, or another export of one training; else "". */
function relationOf(base: Member, other: Member): string {
  const name = base.facts.label;
  const [down, up] = [madeFrom(other, base), madeFrom(base, other)];
  if (down) return `${down} ${name}`;
  if (up) return `${name} was ${up} it`;
  const run = base.facts.runs[0]?.name;
  if (run !== undefined && run === other.facts.runs[0]?.name) return `same training as ${name}`;
  const recipe = base.comparing.recipe;
  return recipe && recipe === other.comparing.recipe ? `${name} with another seed` : "";
}

function madeFrom({ manifest: child }: Member, { manifest: parent }: Member): string {
  const found = parent && child?.parents.find(({ model, number }) => model === parent.model && number === parent.number);
  return found ? wordsOf(found.relation) : "";
}

/** "2026-11-23 08:15:00 UTC" */
function timeText(created: number | null): string | null {
  if (created === null) return null;
  const [day = "", time = ""] = new Date(created).toISOString().split("T");
  return `${day.replace(/^0+(?=.)/, "")} ${time.slice(0, 8)} UTC`;
}

function firstLine(text: string): string {
  const found = lines(firstCharacters(text, 4_096)).map((line) => strip(strip(line).replace(/^#+/, "")));
  return firstCharacters(found.find(Boolean) ?? "", 200);
}
