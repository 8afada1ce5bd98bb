/** What people noted on a version, newest first; Markdown of unknown authors. */
import type { ComponentChildren } from "preact";
import type { Api } from "../../api/api";
import type { VersionPayload } from "../../api/types";
import { formatDate, formatDateFull } from "../../model/format";
import type { Said } from "../../model/registry/overlay";
import { Markdown } from "../detail/Description";
import { Section } from "../detail/parts";
import { useHistory } from "./load";
import { questionOf } from "./VersionHistory";

interface NotesProps {
  api: Api;
  payload: VersionPayload;
  said: Said;
  /** null: now; later notes were not there yet. */
  at: number | null;
}

export function Notes(props: NotesProps): ComponentChildren {
  return (props.said.version?.notes ?? 0) > 0 ? <List {...props} /> : null;
}

function List({ api, payload, said, at }: NotesProps): ComponentChildren {
  const history = useHistory(api, { ...questionOf(payload, said), head: said.log?.head ?? 0 });
  const notes = (history.events ?? []).filter((event) => event.kind === "noted" && (at === null || event.effective <= at));
  if (notes.length === 0) return null;
  return (
    <Section title="Notes">
      <ul class="no-list">
        {notes.map((note) => (
          <li key={note.number}>
            <Markdown text={note.text ?? ""} />
            <p class="dim small">
              <bdi>{note.actor}</bdi>, <time title={formatDateFull(note.effective)}>{formatDate(note.effective)}</time>
            </p>
          </li>
        ))}
      </ul>
      {history.more && (
        <button type="button" class="dv-link" disabled={history.loading} onClick={history.older}>
          Look for older notes
        </button>
      )}
    </Section>
  );
}
