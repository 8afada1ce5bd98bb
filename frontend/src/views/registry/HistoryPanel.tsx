/** The history of a model: who said what of its versions, when and why; and the table as it was on a day. */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { adopt } from "../../elements/css";
import { formatCount } from "../../model/format";
import { lastBefore } from "../../model/registry/holders";
import { idOf, type Log } from "../../model/registry/overlay";
import type { Store } from "../../state/store";
import { useStore } from "../context";
import type { PanelView } from "../panel/view";
import { Events } from "./Events";
import { useHistory } from "./load";
import css from "./registry.css?inline";
import { Slider } from "./Slider";

adopt(css);

/** A model's log in one folder. */
interface Choice extends Log {
  /** In the address: the model, and the folder where it is not the model's first. */
  key: string;
  label: string;
  /** Asked for by name only where the model has several. */
  folder: string | undefined;
}

function choicesOf(store: Store): Choice[] {
  const seen = new Set<string>();
  return store.registry.logs.value.flatMap((each): Choice[] => {
    const { model, log } = each;
    const isFirst = !seen.has(model);
    seen.add(model);
    if (log.head === 0 && log.problem === null) return [];
    if (isFirst && log.others.length === 0) return [{ ...each, key: model, label: model, folder: undefined }];
    return [{ ...each, key: isFirst ? model : `${model}|${log.folder}`, label: `${model} in ${log.folder}`, folder: log.folder }];
  });
}

/** The asked one, else that of the open version, else the first that is shown. */
function choiceOf(store: Store): Choice | null {
  const choices = choicesOf(store);
  const { history, open, models: ticked } = store.view.value;
  const ofOpen = open === null ? null : store.registry.of(open).log;
  const shown = [...(store.rows.tally.value.counts?.models ?? [])].filter(([, count]) => count > 0).map(([name]) => name);
  const asked = choices.find(({ key }) => key === history) ?? choices.find(({ log }) => log === ofOpen);
  const named = [...ticked, ...shown].map((name) => choices.find(({ model }) => model === name));
  return asked ?? named.find((each) => each !== undefined) ?? choices[0] ?? null;
}

function Head(): ComponentChildren {
  const store = useStore();
  const choices = choicesOf(store);
  const choice = choiceOf(store);
  if (choice === null || choices.length < 2) return null;
  return (
    <select
      aria-label="Model of the history"
      value={choice.key}
      onChange={(event) => store.view.set({ history: event.currentTarget.value })}
    >
      {choices.map(({ key, label }) => (
        <option key={key} value={key}>
          {label}
        </option>
      ))}
    </select>
  );
}

/** When the model's first version came. */
function useFirst(store: Store, model: string): number {
  const table = store.table.value;
  return useMemo(() => {
    const columns = table?.payload.columns;
    const code = columns?.model.values.indexOf(model) ?? -1;
    let first = Number.POSITIVE_INFINITY;
    columns?.created.forEach((ms, row) => {
      if (ms !== null && columns.model.codes[row] === code) first = Math.min(first, ms);
    });
    return first;
  }, [table, model]);
}

const HOW = 'A version is given a name with: tb-versions promote MODEL:NUMBER --alias production --reason "…"';

/** The event of the shown day comes into view; the page itself does not move. */
function useReveal(current: number | null) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const line = current === null ? null : box.current?.querySelector<HTMLElement>("[aria-current]");
    if (!box.current || !line) return;
    const [top, bottom] = [line.offsetTop - box.current.offsetTop, line.offsetTop - box.current.offsetTop + line.offsetHeight];
    const { scrollTop, clientHeight } = box.current;
    if (top < scrollTop || bottom > scrollTop + clientHeight) box.current.scrollTop = top - clientHeight / 3;
  }, [current]);
  return box;
}

function Drawing({ choice }: { choice: Choice }): ComponentChildren {
  const store = useStore();
  const { model, log, folder } = choice;
  const history = useHistory(store.api, { model, folder, head: log.head });
  const at = store.view.at.value;
  const first = useFirst(store, model);
  const now = store.minute.value + 60_000;
  const events = history.events ?? [];
  const current = at === null ? null : (lastBefore(events, at)?.number ?? null);
  const box = useReveal(current);
  if (history.events === null && history.error === null) return <p class="chart-empty dim">Loading …</p>;
  const oldest = events.at(-1)?.effective ?? now;
  const from = Math.min(first, oldest, at ?? now);
  const to = Math.max(now, events[0]?.effective ?? 0);
  const set = (ms: number | null, push: boolean): void => store.view.set({ at: ms }, push);
  return (
    <section class="hi" aria-label={`History of ${model}`}>
      <Slider model={model} events={events} from={from} to={to} at={at} onAt={(ms) => set(ms, false)} />
      {log.skewed > 0 && (
        <p class="hi-note dim small">
          {formatCount(log.skewed)} event{log.skewed === 1 ? " was" : "s were"} written by a clock that was more than five minutes behind;{" "}
          {log.skewed === 1 ? "it counts" : "they count"} from the time of the event before.
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
      <section ref={box} class="hi-scroll" tabIndex={0} aria-label="Events, newest first">
        <Events
          model={model}
          events={events}
          at={at}
          current={current}
          onOpen={(number) => store.view.openVersion(idOf(choice, number))}
          onTime={(ms) => set(ms, true)}
        />
        {history.error !== null && (
          <p role="alert" class="hi-note">
            <bdi>{history.error}</bdi>
          </p>
        )}
        {(history.more || history.error !== null) && (
          <button type="button" class="plain link hi-note" disabled={history.loading} onClick={history.older}>
            {history.loading ? "Loading …" : history.error === null ? "Older events" : "Try again"}
          </button>
        )}
      </section>
    </section>
  );
}

function Body(): ComponentChildren {
  const store = useStore();
  const choice = choiceOf(store);
  if (!store.feed.settled.value) return <div class="chart" />;
  if (choice === null) {
    return <p class="chart-empty dim">Nothing was said of these models yet. {store.exported ? "" : HOW}</p>;
  }
  return <Drawing key={choice.key} choice={choice} />;
}

export const HISTORY: PanelView = { Head, Body };
