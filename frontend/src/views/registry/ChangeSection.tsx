/** Promote, approve, note …: the command to copy, and where changes are allowed a button. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { VersionPayload } from "../../api/types";
import type { Table } from "../../model/columns";
import { PRODUCTION } from "../../model/registry/aliases";
import { type Before, type Change, commandOf, FIELDS, VERB_WORDS } from "../../model/registry/commands";
import { laterLabel } from "../../model/registry/overlay";
import { modelsDir } from "../../model/snippets";
import type { RegistryState } from "../../state/registry";
import { Code, Section, withFlags } from "../detail/parts";
import { targetOf } from "../detail/UseIt";
import { ChangeDialog } from "./ChangeDialog";
import { ChangeFields } from "./ChangeFields";
import { questionOf } from "./VersionHistory";

interface ChangeProps {
  registry: RegistryState;
  payload: VersionPayload;
  table: Table | null;
}

type Verb = Change["verb"];

/** What fits the version as it is, the likeliest first. */
function verbsOf(before: Before, holdsSome: boolean): Verb[] {
  const verbs: (Verb | false)[] = [
    !before.removed && "promote",
    holdsSome && "rollback",
    holdsSome && "unalias",
    !before.removed && "approve",
    before.approvals.length > 0 && "withdraw",
    before.deprecated ? "restore" : "deprecate",
    "label",
    "note",
    "describe",
  ];
  return verbs.filter((verb) => verb !== false);
}

/** The verb that was shown last; the next version shows the same one where it can. */
let remembered: Verb = "promote";

/** What the log says now; a dialog decides upon nothing older. */
function useBefore({ registry, payload, table }: ChangeProps) {
  const said = registry.of(payload.id);
  const { log } = said;
  const row = table?.indexOf.get(payload.id) ?? -1;
  const labels = payload.manifest?.labels ?? {};
  return (change: Pick<Change, "alias" | "key">): Before => ({
    holder: (said.log ?? registry.logOf(payload.model))?.aliases.find(({ name }) => name === change.alias) ?? null,
    aliases: said.aliases.map(({ name }) => name),
    approvals: said.version?.approvals.map(({ actor }) => actor) ?? [],
    deprecated: said.version?.deprecated != null,
    removed: said.version?.removed != null || payload.state === "removed",
    label: textOf(laterLabel({ ...said, log }, change.key) ?? (Object.hasOwn(labels, change.key) ? labels[change.key] : null)),
    description: table?.payload.columns.description[row] ?? "",
  });
}

const textOf = (value: string | number | boolean | null | undefined): string | null => (value == null ? null : String(value));

export function ChangeSection(props: ChangeProps): ComponentChildren {
  const { registry, payload } = props;
  const beforeOf = useBefore(props);
  const log = registry.of(payload.id).log ?? registry.logOf(payload.model);
  const aliases = log?.aliases ?? [];
  const own = aliases.filter(({ number }) => String(number) === String(payload.number));
  const [alias, setAlias] = useState(own[0]?.name ?? PRODUCTION);
  const verbs = verbsOf(beforeOf({ alias, key: "" }), aliases.length > 0);
  const [chosen, choose] = useState<Verb>(remembered);
  const [open, setOpen] = useState(false);
  const verb = verbs.includes(chosen) ? chosen : (verbs[0] as Verb);
  const [written, write] = useState({ reason: "", key: "", value: "" as string | null, text: "" });
  const change: Change = { verb, model: payload.model, number: payload.number, alias, ...written };
  const before = beforeOf(change);
  const { allowed, why } = registry.changes.value;
  const unknown = log?.problem != null;
  const set = (patch: Partial<Change>): void => {
    if (patch.alias !== undefined) setAlias(patch.alias);
    write({ ...written, ...patch });
  };
  const choice = (
    <label class="select small">
      <span class="vh">What to do</span>
      <select
        value={verb}
        onChange={(event) => {
          remembered = event.currentTarget.value as Verb;
          choose(remembered);
        }}
      >
        {verbs.map((each) => (
          <option key={each} value={each}>
            {VERB_WORDS[each]}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <Section title="Promote, approve, note" aside={choice}>
      {unknown ? (
        <p class="warn">What is in use of this model is not known, so nothing of it may be changed.</p>
      ) : (
        <>
          {allowed ? (
            <p>
              <button type="button" class="button primary" onClick={() => setOpen(true)}>
                {VERB_WORDS[verb]} …
              </button>
            </p>
          ) : (
            <p class="dim">{withFlags(why || "This TensorBoard only shows.")} Fill this in and copy the command:</p>
          )}
          {!allowed && FIELDS[verb].includes("alias") && aliases.length > 1 && <ChangeFields change={change} aliases={aliases} set={set} />}
          <Code
            text={commandOf(change, before.holder, modelsDir(targetOf(payload)), payload.elsewhere)}
            label={`Command: ${VERB_WORDS[verb].toLowerCase()}`}
            wide
          />
        </>
      )}
      <p class="small" role="status">
        {registry.done.value}
      </p>
      {open && (
        <ChangeDialog
          registry={registry}
          first={change}
          folder={questionOf(payload, registry.of(payload.id)).folder}
          aliases={aliases}
          beforeOf={beforeOf}
          close={() => setOpen(false)}
        />
      )}
    </Section>
  );
}
