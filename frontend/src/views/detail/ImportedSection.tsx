/** Where a version was brought from, and what could not be taken over. */
import type { ComponentChildren } from "preact";
import type { Manifest } from "../../api/types";
import { pairs } from "./manifest";
import { Name, type RowOf, Rows, Section } from "./parts";

const FILES: Readonly<Record<string, string>> = {
  COPIED: "copied into this version",
  LINKED: "left where they were",
  ABSENT: "not at hand, so that nothing is known of them",
};

export function ImportedSection({ imported }: { imported: Manifest["imported"] }): ComponentChildren {
  if (!imported) return null;
  const { tracker, model, version, files, modelDescription, modelLabels, notes = [] } = imported;
  const rows: RowOf[] = [
    ["tracker", tracker],
    ["model there", model],
    ["version there", version],
    ["files", files && FILES[files]],
    ["of the model", modelDescription],
    ...pairs(modelLabels).map(([name, value]): RowOf => [`of the model: ${name}`, value]),
  ];
  return (
    <Section title="Imported">
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
