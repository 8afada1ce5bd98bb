/** Above the table: that it shows an earlier day, and what can't be said of what is in use or served. */
import type { ComponentChildren } from "preact";
import { copyText } from "../host/clipboard";
import { alike } from "../model/alike";
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
  if (store.windowed.isOn.value) {
    return (
      <div class="banner then">
        <span role="status">
          <b>As it is now, not as of {formatDate(at)}:</b> with so many versions the table can't be shown as it was on a day. The history of
          a model says what was said then.
        </span>
        <span>{back}</span>
      </div>
    );
  }
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
  const why = store.rows.tally.value.hidden;
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

/** Models with the same trouble; the command names the first of them. */
function One({ troubles }: { troubles: Trouble[] }): ComponentChildren {
  const [first] = troubles;
  if (!first) return null;
  const { problem, remedy, command } = first;
  return (
    <p>
      <b>
        What is in production of{" "}
        {troubles.slice(0, MOST_TROUBLES).map(({ model }, at) => (
          <span key={model}>
            {at > 0 && ", "}
            <bdi>{model}</bdi>
          </span>
        ))}
        {troubles.length > MOST_TROUBLES && ` and ${formatCount(troubles.length - MOST_TROUBLES)} more models`} is not known.
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
          {troubles.length > 1 && " The same for each."}
        </>
      )}
    </p>
  );
}

/** Models whose log can't be understood: their chips say "not known". */
export function TroubleBanner(): ComponentChildren {
  const troubles = useStore().registry.troubles.value;
  if (troubles.length === 0) return null;
  const groups = alike(troubles, ({ problem, remedy }) => `${problem}\n${remedy}`);
  const more = groups.slice(MOST_TROUBLES).flat().length;
  return (
    <div class="banner trouble" role="alert">
      <div>
        {groups.slice(0, MOST_TROUBLES).map((group) => (
          <One key={group[0]?.model} troubles={group} />
        ))}
        {more > 0 && (
          <p>
            Nor of {formatCount(more)} more model{more === 1 ? "" : "s"}, for other reasons.
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
