/** Where the version comes from, and what came from it. */
import type { ComponentChildren } from "preact";
import { relationWords } from "./manifest";
import { Name, Section, useMore, VersionButton } from "./parts";
import type { TabProps } from "./props";

interface Relative {
  id: string;
  /** Words before and behind its name. */
  before: string;
  behind: string;
  known: boolean;
}

function List({ title, relatives, onOpen }: { title: string; relatives: Relative[]; onOpen(id: string): void }): ComponentChildren {
  const [shown, more] = useMore(relatives, 100);
  if (relatives.length === 0) return null;
  return (
    <Section title={title}>
      <ul class="dv-list">
        {shown.map(({ id, before, behind, known }) => (
          <li key={id}>
            {before && <span class="dim">{before} </span>}
            {known ? <VersionButton id={id} onOpen={onOpen} /> : <Name>{id}</Name>}
            {behind && <span class="dim"> {behind}</span>}
          </li>
        ))}
      </ul>
      {more}
    </Section>
  );
}

function plain(id: string): Relative {
  return { id, before: "", behind: "", known: true };
}

function InGraph({ onGraph }: Pick<TabProps, "onGraph">): ComponentChildren {
  if (!onGraph) return null;
  return (
    <p class="dv-graph">
      <button type="button" class="dv-link" onClick={onGraph}>
        Show in the graph
      </button>{" "}
      <span class="dim">with its run, its data and everything around it</span>
    </p>
  );
}

/** Of very many models only some are looked at. */
function LookedIn({ models }: { models: readonly string[] | undefined }): ComponentChildren {
  if (!models) return null;
  return (
    <p class="dv-empty">
      Looked for in {models.length === 1 ? "the model" : "the models"}{" "}
      {models.map((model, at) => (
        <span key={model}>
          {at > 0 && ", "}
          <bdi>{model}</bdi>
        </span>
      ))}
      ; versions of other models are not looked for.
    </p>
  );
}

export function LineageTab({ payload, onOpen, onGraph }: TabProps): ComponentChildren {
  const { parents, children, same_run, same_content, looked_in } = payload.lineage;
  if (parents.length + children.length + same_run.length + same_content.length === 0) {
    return (
      <>
        <p class="dv-empty">No other version is known to be related to this one.</p>
        <LookedIn models={looked_in} />
        <InGraph onGraph={onGraph} />
      </>
    );
  }
  const above = parents.map(
    ({ ref, relation, known }): Relative => ({ id: ref, before: relationWords(relation), behind: known ? "" : "(not known here)", known }),
  );
  const below = children.map(
    ({ ref, relation }): Relative => ({ id: ref, before: "", behind: `was ${relationWords(relation)} this`, known: true }),
  );
  return (
    <>
      <InGraph onGraph={onGraph} />
      <List title="Parents" relatives={above} onOpen={onOpen} />
      <List title="Children" relatives={below} onOpen={onOpen} />
      <List title="From the same run" relatives={same_run.map(plain)} onOpen={onOpen} />
      <List title="With equal content" relatives={same_content.map(plain)} onOpen={onOpen} />
      <LookedIn models={looked_in} />
    </>
  );
}
