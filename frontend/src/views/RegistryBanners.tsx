/** Above the table: that it shows an earlier day, and what can't be said of what is in use or served. */
import type { ComponentChildren } from "preact";
import { copyText } from "../host/clipboard";
import { formatCount, formatDate, formatDateFull } from "../model/format";
import { LATER, UNDATED } from "../model/registry/hiding";
import type { Trouble } from "../model/registry/problems";
import { useStore } from "./context";

const MOST_TROUBLES = 3;

/** The table is as it was. */
export function ThenBanner(): ComponentChildren {
  const store = useStore();
  const at = store.view.at.value;
  if (at === null) return null;
  const back = (
    <button type="button" class="plain link" onClick={() => store.view.set({ at: null })}>
      Back to now
    </button>
  );
  const error = store.registry.error.value;
  if (error !== null) {
    return (
      <div class="banner">
        <span role="alert">
          What was in use on {formatDate(at)} could not be loaded: <bdi>{error}</bdi>
        </span>
        <span>
          <button type="button" class="plain link" onClick={() => store.registry.retry()}>
            Try again
          </button>
          {" · "}
          {back}
        </span>
      </div>
    );
  }
  const loading = store.registry.past.value?.at !== at;
  const why = store.rows.shown.value?.hidden ?? [];
  const [later, undated] = [why[LATER] ?? 0, why[UNDATED] ?? 0];
  const words = [
    later > 0 && `${formatCount(later)} created later ${later === 1 ? "is" : "are"} left out`,
    undated > 0 && `${formatCount(undated)} without a date ${undated === 1 ? "is" : "are"} left out`,
    "metrics and files are as they are now",
  ];
  return (
    <div class="banner then">
      <span role="status" title={formatDateFull(at)}>
        <b>As of {formatDate(at)}</b>
        {loading ? " · loading …" : ` · ${words.filter(Boolean).join(" · ")}`}
      </span>
      <span>{back}</span>
    </div>
  );
}

function One({ trouble }: { trouble: Trouble }): ComponentChildren {
  const { model, problem, remedy, command } = trouble;
  return (
    <p>
      <b>
        What is in production of <bdi>{model}</bdi> is not known.
      </b>{" "}
      <bdi>{/[.!?:]$/.test(problem) ? problem : `${problem}.`}</bdi> {remedy}{" "}
      {command && (
        <>
          <code>
            <bdi>{command}</bdi>
          </code>{" "}
          <button type="button" class="plain link" aria-label={`Copy: ${command}`} onClick={() => void copyText(command)}>
            Copy
          </button>
        </>
      )}
    </p>
  );
}

/** Models whose log can't be understood: their chips say "not known". */
export function TroubleBanner(): ComponentChildren {
  const troubles = useStore().registry.troubles.value;
  if (troubles.length === 0) return null;
  const more = troubles.length - MOST_TROUBLES;
  return (
    <div class="banner trouble" role="alert">
      <div>
        {troubles.slice(0, MOST_TROUBLES).map((trouble) => (
          <One key={trouble.model} trouble={trouble} />
        ))}
        {more > 0 && (
          <p>
            The same of {formatCount(more)} more model{more === 1 ? "" : "s"}.
          </p>
        )}
      </div>
    </div>
  );
}

/** Files and servers of which it is not known what they serve. */
export function ServedBanner(): ComponentChildren {
  const places = useStore().served.places.value;
  const told = places.filter(({ problem, left_out }) => problem !== "" || left_out > 0);
  if (told.length === 0) return null;
  return (
    <div class="banner trouble" role="status">
      <div>
        {told.map(({ where, problem, left_out }) => (
          <p key={where}>
            <b>
              {problem ? "What is served is not known of " : "What is served is known in part of "}
              <bdi>{where}</bdi>.
            </b>{" "}
            <bdi>{problem || `${formatCount(left_out)} more models were not asked for.`}</bdi>
          </p>
        ))}
      </div>
    </div>
  );
}
