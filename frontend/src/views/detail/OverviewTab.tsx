/** Metrics, the author's words, what went in, and how to use the version. */
import type { ComponentChildren } from "preact";
import { trainingOf } from "../../model/trainings";
import { CodeSection } from "./CodeSection";
import { Datasets } from "./Datasets";
import { Description } from "./Description";
import { EnvironmentSection, HardwareSection } from "./EnvironmentSection";
import { MetricsTable } from "./MetricsTable";
import { pairs, relationWords } from "./manifest";
import { Name, type RowOf, Rows, RunName, Section, VersionButton } from "./parts";
import type { TabProps } from "./props";
import { UseIt } from "./UseIt";

/** "" would be an absent row; a value that is empty was set all the same. */
function valueText(value: string | number | boolean | null): string {
  if (value === null) return "none";
  return value === "" ? '""' : String(value);
}

function Values({
  title,
  record,
}: {
  title: string;
  record: Record<string, string | number | boolean | null> | undefined;
}): ComponentChildren {
  const rows = pairs(record).map(([name, value]): RowOf => [name, valueText(value)]);
  return rows.length > 0 ? (
    <Section title={title}>
      <Rows rows={rows} />
    </Section>
  ) : null;
}

/** The header names one training; two or more are listed here. */
function Runs(props: TabProps): ComponentChildren {
  // Of each training the first run stands for all.
  const runs = [...new Map(props.payload.runs.toReversed().map((run) => [trainingOf(run.name), run])).values()].reverse();
  if (runs.length < 2) return null;
  const known = runs.filter((run) => run.known).map((run) => run.name);
  const all = known.length > 1 && <a {...props.runLink(known.flatMap((run) => props.runParts?.(run) ?? [run]))}>open all</a>;
  return (
    <Section title="Runs" aside={all}>
      <ul class="dv-list">
        {runs.map((run) => (
          <li key={run.name}>
            <RunName name={run.name} known={run.known} looks={props} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function MadeFrom({ payload, onOpen }: TabProps): ComponentChildren {
  const { parents } = payload.lineage;
  if (parents.length === 0) return null;
  return (
    <Section title="Made from">
      <ul class="dv-list">
        {parents.map((parent) => (
          <li key={parent.ref}>
            <span class="dim">{relationWords(parent.relation)} </span>
            {parent.known ? <VersionButton id={parent.ref} onOpen={onOpen} /> : <Name>{parent.ref}</Name>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function OverviewTab(props: TabProps): ComponentChildren {
  const { manifest } = props.payload;
  return (
    <>
      <MetricsTable {...props} />
      <Description text={manifest?.description} />
      <Values title="Hyperparameters" record={manifest?.hyperparameters} />
      <Values title="Hyperparameters, from the run" record={props.payload.run_hyperparameters ?? undefined} />
      <Values title="Labels" record={manifest?.labels} />
      {manifest ? <UseIt payload={props.payload} manifest={manifest} /> : <Unread {...props} />}
      <Runs {...props} />
      <MadeFrom {...props} />
      <Datasets datasets={manifest?.datasets ?? []} />
      <CodeSection code={manifest?.code} />
      <EnvironmentSection environment={manifest?.environment} />
      <HardwareSection manifest={manifest} />
    </>
  );
}

function Unread({ onTab }: TabProps): ComponentChildren {
  return (
    <Section title="Manifest">
      <p>
        What the manifest said can't be shown, because it can't be read.{" "}
        <button type="button" class="dv-link" onClick={() => onTab("raw")}>
          Look at its text
        </button>
      </p>
    </Section>
  );
}
