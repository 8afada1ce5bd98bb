/** Metrics, the author's words, what went in, and how to use the version. */
import type { ComponentChildren } from "preact";
import type { Manifest, VersionPayload } from "../../api/types";
import { formatCount } from "../../model/format";
import { saidIn } from "../../model/registry/late";
import type { Said } from "../../model/registry/overlay";
import { sourceText } from "../../model/sources";
import { trainingOf } from "../../model/trainings";
import { Gates } from "../registry/Gates";
import { useMeasured } from "../registry/load";
import { MeasuredSection } from "../registry/MeasuredSection";
import { Notes } from "../registry/Notes";
import { questionOf } from "../registry/VersionHistory";
import { CodeSection } from "./CodeSection";
import { Datasets } from "./Datasets";
import { Description } from "./Description";
import { EnvironmentSection, HardwareSection } from "./EnvironmentSection";
import { GoldenSection } from "./GoldenSection";
import { ImportedSection } from "./ImportedSection";
import { MetricsTable } from "./MetricsTable";
import { pairs, relationWords } from "./manifest";
import { Name, type RowOf, Rows, RunName, Section, VersionButton } from "./parts";
import type { TabProps } from "./props";
import { TrustSection } from "./TrustSection";
import { UseIt } from "./UseIt";

/** "" would be an absent row; a value that is empty was set all the same. */
function valueText(value: string | number | boolean | null): string {
  if (value === null) return "none";
  return value === "" ? '""' : String(value);
}

/** "inferred" or "imported" where nobody stated them; else "". */
function hyperparameterSource(manifest: Manifest | null): string {
  const inferred = Array.isArray(manifest?.inferred) && manifest.inferred.some((each) => each?.field === "hyperparameters");
  return inferred ? "inferred" : manifest?.imported ? "imported" : "";
}

function Values({
  title,
  source,
  record,
}: {
  title: string;
  source: string;
  record: Record<string, string | number | boolean | null> | undefined;
}): ComponentChildren {
  const rows = pairs(record).map(([name, value]): RowOf => [name, valueText(value)]);
  return rows.length > 0 ? (
    <Section title={title} aside={source && <span class="dim">{sourceText(source)}</span>}>
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

/** The labels as they are now, and what the manifest said of those that were changed. */
function Labels({ payload, said }: { payload: VersionPayload; said: Said }): ComponentChildren {
  const later = said.unknown ? {} : (said.version?.labels ?? {});
  const labels = payload.manifest?.labels ?? {};
  const names = [...new Set([...Object.keys(labels), ...Object.keys(later)])].sort();
  const rows = names.map((name): RowOf => {
    if (!Object.hasOwn(later, name)) return [name, valueText(labels[name] ?? "")];
    const before = Object.hasOwn(labels, name) ? `the manifest says ${valueText(labels[name] ?? "")}` : "set later";
    const value = later[name];
    return [
      name,
      <span key={name}>
        {value === null ? <span class="dim">removed</span> : <Name>{valueText(value ?? "")}</Name>}{" "}
        <span class="dim small">({before})</span>
      </span>,
    ];
  });
  return rows.length > 0 ? (
    <Section title="Labels">
      <Rows rows={rows} />
    </Section>
  ) : null;
}

const MOST_INFERRED = 100;

/** What nobody stated of an adopted version, and from what it was found out. */
function Inferred({ inferred }: { inferred: Manifest["inferred"] }): ComponentChildren {
  const found = (Array.isArray(inferred) ? inferred : []).filter((each) => typeof each?.field === "string" && each.evidence);
  if (found.length === 0) return null;
  return (
    <Section title="Inferred, and from what">
      <Rows rows={found.slice(0, MOST_INFERRED).map((each): RowOf => [each.field ?? "", String(each.evidence)])} />
      {found.length > MOST_INFERRED && <p class="dim">and {formatCount(found.length - MOST_INFERRED)} more, in the raw manifest</p>}
    </Section>
  );
}

const UNSAID: Said = { log: null, unknown: false, aliases: [], version: null };

export function OverviewTab(props: TabProps): ComponentChildren {
  const { payload, table, at = null } = props;
  const { manifest } = payload;
  const row = table?.indexOf.get(payload.id);
  const said = table && row !== undefined ? saidIn(table.payload)(row) : UNSAID;
  const measured = useMeasured(props.api, questionOf(payload, said), props.revision);
  // The table has the beginning of a description only.
  const whole = payload.said?.description ?? said.version?.description ?? null;
  const later = said.unknown || said.version?.description == null ? null : at === null ? whole : said.version.description;
  return (
    <>
      <MetricsTable {...props} />
      <TrustSection trust={payload.trust} isPast={at !== null} />
      <Gates api={props.api} payload={payload} said={said} />
      <MeasuredSection records={measured} at={at} />
      <Notes api={props.api} payload={payload} said={said} at={at} />
      <Description text={manifest?.description} later={later} />
      <Values title="Hyperparameters" source={hyperparameterSource(manifest)} record={manifest?.hyperparameters} />
      <Values title="Hyperparameters, from the run" source="run" record={props.payload.run_hyperparameters ?? undefined} />
      <Labels payload={payload} said={said} />
      <Inferred inferred={manifest?.inferred} />
      {manifest ? <UseIt payload={props.payload} manifest={manifest} /> : <Unread {...props} />}
      <Runs {...props} />
      <MadeFrom {...props} />
      <GoldenSection
        golden={manifest?.golden}
        replayed={(at === null ? payload.said?.replayed : null) ?? said.version?.replayed ?? null}
        manifest={payload.manifest_digest}
        notSince={at === null ? payload.not_replayed : undefined}
      />
      <ImportedSection imported={manifest?.imported} />
      <Datasets datasets={manifest?.datasets ?? []} />
      <CodeSection code={manifest?.code} />
      <EnvironmentSection environment={manifest?.environment} format={manifest?.format} />
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
