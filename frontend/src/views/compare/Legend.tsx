/** The runs of each member in their colours; a click hides a run in all charts. */
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { CompareMember, ComparePayload } from "../../api/types";
import { partOf } from "../../model/compare/pictures";
import type { PartProps } from "./part";

interface LegendProps extends PartProps {
  payload: ComparePayload;
  runs: string[];
  hidden: ReadonlySet<string>;
  /** Of a run's curve. A run of two members has the first one's. */
  color(run: string): string;
}

const PARTS = ["train", "validation", "test"];

function toggler(look: LegendProps["look"], setLook: LegendProps["setLook"]) {
  return (names: string[], hide: boolean): void => {
    const rest = look.hide.filter((each) => !names.includes(each));
    setLook({ hide: hide ? [...rest, ...names] : rest });
  };
}

/** All training runs, or all validation runs, at once. */
export function Parts({ look, setLook, runs, hidden }: Omit<LegendProps, "payload" | "color">): ComponentChildren {
  const toggle = toggler(look, setLook);
  const parts = PARTS.map((part) => ({ part, names: runs.filter((run) => partOf(run) === part) })).filter((each) => each.names.length > 0);
  if (parts.length < 2) return null;
  return (
    <fieldset class="cmp-parts">
      <legend class="vh">Kinds of runs</legend>
      {parts.map(({ part, names }) => {
        const shown = names.filter((name) => !hidden.has(name)).length;
        return (
          <label key={part} class="cmp-check">
            <input
              type="checkbox"
              checked={shown > 0}
              ref={(box) => {
                if (box) box.indeterminate = shown > 0 && shown < names.length;
              }}
              onChange={(event) => toggle(names, !event.currentTarget.checked)}
            />{" "}
            {part}
          </label>
        );
      })}
    </fieldset>
  );
}

interface LitProps {
  /** Runs whose curves stand out while the pointer or the keyboard is on their name. */
  lit: Signal<ReadonlySet<string> | null>;
}

/** The highlighted runs: one run, or all runs of a member. */
function useLit(lit: LitProps["lit"]) {
  useEffect(() => () => void (lit.value = null), [lit]);
  return (event: Event): void => {
    if (event instanceof PointerEvent && event.pointerType === "touch") return;
    const entry = (event.target as Element).closest<HTMLElement>("[data-runs]");
    const runs: string[] = entry ? JSON.parse(entry.dataset.runs as string) : [];
    if (runs.join("\n") === [...(lit.peek() ?? [])].join("\n")) return;
    lit.value = runs.length > 0 ? new Set(runs) : null;
  };
}

export function Legend({ store, look, setLook, colors, color, payload, hidden, lit }: LegendProps & LitProps): ComponentChildren {
  const { place } = store;
  const point = useLit(lit);
  const clear = (): void => void (lit.value = null);
  const toggle = toggler(look, setLook);
  const swatch = (run: string): ComponentChildren => (
    <span class={partOf(run) === "train" ? "cmp-swatch dashed" : "cmp-swatch"} style={{ color: color(run) }} aria-hidden="true">
      <span class="dot" style={{ background: color(run) }} />
    </span>
  );
  const oneRun = (run: string, words: string): ComponentChildren => (
    <button
      key={run}
      type="button"
      class="plain cmp-run"
      data-runs={JSON.stringify([run])}
      aria-pressed={!hidden.has(run)}
      title={`${run}: click to ${hidden.has(run) ? "show" : "hide"} its curves`}
      onClick={() => toggle([run], !hidden.has(run))}
    >
      {swatch(run)}
      <bdi>{words}</bdi>
    </button>
  );
  const ofMember = (member: CompareMember): ComponentChildren => {
    const known = member.runs.filter((run) => run.known).map((run) => run.name);
    const trainings = new Set(member.runs.map((run) => (partOf(run.name) ? run.name.slice(0, run.name.lastIndexOf("/")) : run.name)));
    return (
      <li key={member.id} data-runs={JSON.stringify(known)}>
        <b>
          <span class="dot" style={{ background: colors.get(member.id) ?? "" }} />
          <bdi>{member.label}</bdi>
        </b>
        {member.kind === "version" && trainings.size === 1 && member.runs.some((run) => partOf(run.name)) && (
          <bdi class="dim cmp-training" title={[...trainings][0]}>
            {[...trainings][0]}
          </bdi>
        )}
        {member.runs.map((run) =>
          run.known ? (
            oneRun(run.name, partOf(run.name) || run.name)
          ) : (
            <span key={run.name} class="warn">
              <span aria-hidden="true">⚠</span> the run <bdi>{run.name}</bdi> is not {place.here} (any more)
            </span>
          ),
        )}
        {member.runs.length === 0 && <span class="dim">no run</span>}
      </li>
    );
  };
  return (
    <div class="cmp-legend" onPointerOver={point} onPointerLeave={clear} onFocusIn={point} onFocusOut={clear}>
      <ul aria-label="Runs">{payload.members.map(ofMember)}</ul>
      {new Set(colors.values()).size < colors.size && (
        <p class="dim small">There are more members than colours: point at a name to see its curves alone.</p>
      )}
    </div>
  );
}
