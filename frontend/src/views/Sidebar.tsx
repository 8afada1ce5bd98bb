/** Left: models, aliases, runs and states with counts. A click filters; nothing chosen means all. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Chip } from "../elements/Chip";
import { formatCount } from "../model/format";
import { byAlias, toneOf } from "../model/registry/aliases";
import type { Facets as FacetChoice } from "../model/rows";
import { trainingOf, withoutAnnouncing } from "../model/trainings";
import { STATE_GLYPHS, STATE_WORDS } from "../table/text";
import { useStore } from "./context";

interface Option {
  name: string;
  /** null: not known. */
  count: number | null;
  color?: string | null;
  glyph?: string;
  /** Of a chip around the name. */
  tone?: number;
  hint?: string;
}

interface FacetProps {
  title: string;
  facet: keyof FacetChoice;
  options: Option[];
  find: string;
  /** How many more names there are. */
  leftOut: number;
}

/** What a filter calls it. */
const NAMES: Readonly<Record<keyof FacetChoice, string>> = { models: "model", aliases: "alias", runs: "run", states: "state" };

const FIRST = 12;
const MOST = 200;

function matches(name: string, find: string): boolean {
  return find === "" || name.toLowerCase().includes(find.toLowerCase());
}

function Facet({ title, facet, options, find, leftOut }: FacetProps): ComponentChildren {
  const store = useStore();
  const all = useSignal(false);
  const asked = store.view.value[facet];
  // An older link may name "mlp/train", which is a part of "mlp".
  const chosen = facet === "runs" ? [...new Set(asked.map(trainingOf))] : asked;
  const found = options.filter((option) => matches(option.name, find));
  // A button for one more would take that one's place. A chosen name stays visible.
  const most = all.value || find ? MOST : found.length === FIRST + 1 ? FIRST + 1 : FIRST;
  const first = found.filter((option, at) => at < most || chosen.includes(option.name));
  // Of names that are not listed it is not known whether they are there.
  const gone = chosen.filter((name) => !options.some((option) => option.name === name));
  if (options.length === 0 && gone.length === 0) return null;
  const toggle = (name: string): void =>
    store.view.set({ [facet]: chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name] });
  return (
    <section aria-label={title} class={chosen.length === 0 ? "unfiltered" : undefined}>
      <h2>
        {title}
        {chosen.length === 0 ? (
          <span class="all">all</span>
        ) : (
          <button
            type="button"
            class="plain link"
            onClick={() => store.view.set({ [facet]: [] })}
            aria-label={`Show all ${title.toLowerCase()}`}
          >
            show all
          </button>
        )}
      </h2>
      <ul>
        {[
          ...first,
          ...gone.map((name): Option => ({ name, count: leftOut > 0 ? null : 0, hint: leftOut > 0 ? undefined : "not there (any more)" })),
        ].map((option) => (
          <li key={option.name}>
            <button
              type="button"
              class={option.count === 0 ? "plain facet none" : "plain facet"}
              aria-pressed={chosen.includes(option.name)}
              title={option.hint?.includes(option.name) ? option.hint : option.hint ? `${option.name}: ${option.hint}` : option.name}
              onClick={() => toggle(option.name)}
            >
              <span class="box" aria-hidden="true" />
              {option.color && <span class="dot" style={{ background: option.color }} />}
              {option.glyph && (
                <span class="glyph" aria-hidden="true">
                  {option.glyph}
                </span>
              )}
              {option.tone === undefined ? (
                <bdi class="name">{option.name}</bdi>
              ) : (
                <span class="name">
                  <Chip name={option.name} tone={option.tone} first />
                </span>
              )}
              <span class="count">{option.count === null ? "" : formatCount(option.count)}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && find !== "" && <p class="dim small">nothing with this name</p>}
      {!all.value && find === "" && found.length > first.length && (
        <button type="button" class="plain link small" onClick={() => void (all.value = true)}>
          {found.length - first.length} more
        </button>
      )}
      {(all.value || find !== "") && found.length > MOST && <p class="dim small">and {found.length - MOST} more: type to find them</p>}
      {leftOut > 0 && (
        <p class="dim small">
          {formatCount(leftOut)} more are not listed: write <code>{NAMES[facet]} = …</code> above
        </p>
      )}
    </section>
  );
}

const entries = (counts: Map<string, number> | undefined): Option[] => [...(counts ?? [])].map(([name, count]) => ({ name, count }));

export function Sidebar(): ComponentChildren {
  const store = useStore();
  const find = useSignal("");
  const shown = store.rows.tally.value.found;
  return (
    <nav class="side" aria-label="Filters">
      <input
        type="search"
        class="find"
        placeholder="Find a model or run"
        aria-label="Find a model or run"
        value={find.value}
        onInput={(event) => void (find.value = event.currentTarget.value)}
      />
      {store.feed.settled.value && <Facets find={find.value} />}
      <Uncounted />
      <button type="button" class="button primary side-done only-small" onClick={() => store.view.set({ side: false }, false)}>
        Show {formatCount(shown)} version{shown === 1 ? "" : "s"}
      </button>
    </nav>
  );
}

/** The server could not count what the ticks would show. */
function Uncounted(): ComponentChildren {
  const { windowed } = useStore();
  const error = windowed.facets.value?.error ?? null;
  if (error === null) return null;
  return (
    <p class="dim small" role="status">
      What can be ticked here is not known: <bdi>{error}</bdi>{" "}
      <button type="button" class="plain link" onClick={() => windowed.recount()}>
        Try again
      </button>
    </p>
  );
}

function Facets({ find }: { find: string }): ComponentChildren {
  const store = useStore();
  const { counts, leftOut } = store.rows.tally.value;
  const linked = counts?.runs ?? new Map<string, number>();
  // TensorBoard's runs in its own order, then those that only the versions know. A table has versions of other runs only.
  const own = store.windowed.isOn.value ? [] : (store.runs.known.value ?? []);
  const known = new Set(withoutAnnouncing(own).map(trainingOf));
  const runs = [...new Set([...known, ...linked.keys()])].map(
    (name): Option => ({
      name,
      count: linked.get(name) ?? 0,
      color: store.runs.trainingColor(name),
      hint: !linked.has(name) ? "no version yet" : known.size > 0 && !known.has(name) ? store.place.unknownRun(name) : undefined,
    }),
  );
  runs.sort((a, b) => Number(linked.has(b.name)) - Number(linked.has(a.name)));
  const aliases = entries(counts?.aliases)
    .sort((a, b) => byAlias(a.name, b.name))
    .map((option) => ({ ...option, tone: toneOf(option.name) }));
  const states = entries(counts?.states).map((option) => ({
    ...option,
    glyph: STATE_GLYPHS.get(option.name) ?? "…",
    hint: STATE_WORDS.get(option.name),
  }));
  return (
    <>
      <Facet title="Models" facet="models" options={entries(counts?.models)} leftOut={leftOut.models} find={find} />
      <Facet title="Aliases" facet="aliases" options={aliases} leftOut={leftOut.aliases} find={find} />
      <Facet title="Runs" facet="runs" options={runs} leftOut={leftOut.runs} find={find} />
      <Facet title="State" facet="states" options={states} leftOut={leftOut.states} find="" />
    </>
  );
}
