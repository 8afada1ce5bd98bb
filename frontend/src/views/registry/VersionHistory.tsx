/** What was said of one version: by whom, when and why. */
import type { ComponentChildren } from "preact";
import type { Api } from "../../api/api";
import type { HistoryQuestion } from "../../api/registry";
import type { VersionPayload } from "../../api/types";
import type { Said } from "../../model/registry/overlay";
import { Events } from "./Events";
import { useHistory } from "./load";

interface VersionHistoryProps {
  api: Api;
  payload: VersionPayload;
  said: Said;
  onOpen(id: string): void;
}

/** What is asked of a version; a folder is named only where several have a log of the model. */
export function questionOf({ id, model, number }: VersionPayload, { log }: Said): HistoryQuestion {
  const isPlain = id === `${model}:${number}`;
  return { model, version: String(number), ...(!isPlain && log && log.folder !== "" && { folder: log.folder }) };
}

export function VersionHistory({ api, payload, said, onOpen }: VersionHistoryProps): ComponentChildren {
  const { model } = payload;
  const history = useHistory(api, { ...questionOf(payload, said), head: said.log?.head ?? 0 });
  if (history.error !== null && history.events === null) {
    return (
      <p class="dv-empty" role="alert">
        {history.error}{" "}
        <button type="button" class="dv-link" onClick={history.older}>
          Try again
        </button>
      </p>
    );
  }
  if (history.events === null) return <p class="dv-empty">Loading …</p>;
  if (history.events.length === 0) return <p class="dv-empty">Nothing was said of this version yet.</p>;
  return (
    <div class="hi-own">
      {said.unknown && <p class="warn">The history can't be read to its end; there may be newer events.</p>}
      <Events
        model={model}
        events={history.events}
        current={null}
        at={null}
        onTime={null}
        onOpen={(other) => onOpen(`${model}:${other}`)}
      />
      {history.more && (
        <button type="button" class="dv-link" disabled={history.loading} onClick={history.older}>
          {history.loading ? "Loading …" : "Older events"}
        </button>
      )}
    </div>
  );
}
