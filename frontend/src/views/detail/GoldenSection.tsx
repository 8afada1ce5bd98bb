/** What the export answered when it was published, and whether it still does. */
import type { ComponentChildren } from "preact";
import type { VersionSaid } from "../../api/registry";
import type { Manifest } from "../../api/types";
import { formatDateFull } from "../../model/format";
import { SOURCES } from "../../model/sources";
import { Name, type RowOf, Rows, Section } from "./parts";

const COMPARED: Readonly<Record<string, string>> = {
  SAME: "as the model in memory",
  DIFFERENT: "not as the model in memory: the export was broken when it was made",
  NOT_COMPARED: "not, or not all, compared with the model in memory",
};

interface Props {
  golden: Manifest["golden"];
  replayed: VersionSaid["replayed"];
  /** Digest of the manifest that is there now. */
  manifest: string | null;
  /** That TensorFlow changed here since it was asked last, in words. */
  notSince?: string | undefined;
}

export function GoldenSection({ golden, replayed, manifest, notSince }: Props): ComponentChildren {
  if (!golden && !replayed) return null;
  const { signatures = [], tensorflow, compared, maxError, notes = [] } = golden ?? {};
  const isOld = replayed?.manifest != null && manifest !== null && replayed.manifest !== manifest;
  const rows: RowOf[] = [
    ["signatures", signatures.join(", ")],
    ["the export answered", compared && COMPARED[compared]],
    ["max error then", maxError === undefined ? null : String(Number(Number(maxError).toPrecision(2)))],
    ["asked on", tensorflow && `TF ${tensorflow} / CPU`],
    ["last replay", replayed ? `${SOURCES.replayed[0]} ${replayed.words}${isOld ? ", of another manifest" : ""}` : "not replayed"],
    ["since then", notSince],
    ["replayed by", replayed && `${replayed.actor}, ${formatDateFull(replayed.time)}`],
  ];
  return (
    <Section title="Golden outputs">
      <Rows rows={rows} />
      {notes.length > 0 && (
        <ul class="dv-list">
          {notes.map((note) => (
            <li key={note}>
              <Name>{note}</Name>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
