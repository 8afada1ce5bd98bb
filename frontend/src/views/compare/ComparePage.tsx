/** Versions and runs side by side: their curves, and what differs. A chunk of its own. */
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ComparePayload } from "../../api/types";
import { adopt } from "../../elements/css";
import { withGates } from "../../model/compare/gates";
import { decodeLook, encodeLook, type Look } from "../../model/compare/look";
import { withMeasured } from "../../model/compare/measured";
import { sentencesOf } from "../../model/compare/pictures";
import { memberColors, memberPalette } from "../../model/curves/colors";
import type { Store } from "../../state/store";
import { Behaviour } from "./Behaviour";
import { CurvesPanel, loadChart } from "./CurvesPanel";
import css from "./compare.css?inline";
import { DiffTable } from "./DiffTable";
import { Head, memberName } from "./Head";
import type { PartProps } from "./part";
import { useBehaviour } from "./useBehaviour";
import { useCompareData } from "./useCompareData";
import { useGates } from "./useGates";

adopt(css);
void loadChart();

const NOBODY: readonly string[] = [];

const PHONE = "(max-width: 640px)";

/** A window so small that the head scrolls away with the rest. */
function usePhone(): boolean {
  const [phone, setPhone] = useState(() => window.matchMedia(PHONE).matches);
  useEffect(() => {
    const query = window.matchMedia(PHONE);
    const change = (): void => setPhone(query.matches);
    query.addEventListener("change", change);
    return () => query.removeEventListener("change", change);
  }, []);
  return phone;
}

/** The colour of each member, by its id: its run's in TensorBoard where no other member has that. */
function useColors(store: Store, payload: ComparePayload | null): ReadonlyMap<string, string> {
  const positions = store.runs.position.value;
  const dark = store.host.dark.value;
  return useMemo(() => {
    const members = payload?.members ?? [];
    const runs = members.map((member) => member.runs.find((run) => run.known)?.name);
    const colors = memberColors(
      runs.map((run) => (run === undefined ? null : store.runs.color(run))),
      memberPalette(dark),
    );
    return new Map(members.map((member, index) => [member.id, colors[index] as string]));
  }, [payload, positions, dark]);
}

/** The scrolling section. It knows its own width, and takes the focus from a button that led here. */
function useSection(store: Store) {
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = section.current;
    if (!element) return;
    // The button that led here is gone. A reader who opened a link pressed no button.
    const led = document.activeElement === document.body && document.hasFocus() && store.view.acted;
    if (led) element.focus({ preventScroll: true });
    // A container query would clip the popovers in some browsers.
    const observer = new ResizeObserver(() => element.style.setProperty("--cmp-wide", `${element.clientWidth}px`));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return section;
}

export function ComparePage({ store }: { store: Store }): ComponentChildren {
  const view = store.view.value;
  const members = view.compare;
  const look = useMemo(() => decodeLook(view.look), [view.look]);
  const setLook = useCallback(
    (patch: Partial<Look>, push = true) => store.view.set({ look: encodeLook({ ...decodeLook(store.view.peek().look), ...patch }) }, push),
    [store],
  );
  const { comparison, guess, scalars, runs, tags } = useCompareData(store, members, look);
  const { value: answer, error, stale, retry } = comparison;
  const table = store.table.value;
  const ids = answer?.members.map(({ id }) => id) ?? NOBODY;
  const gates = useGates(store.api, table, ids);
  const versions = answer?.members.flatMap(({ id, kind }) => (kind === "version" ? [id] : [])) ?? NOBODY;
  const behaviour = useBehaviour(store.api, table, answer?.members[answer.baseline]?.id ?? null, versions, store.exported !== null);
  const payload = useMemo(() => answer && withGates(withMeasured(answer, table), gates), [answer, table, gates]);
  const colors = useColors(store, payload ?? guess);
  const section = useSection(store);
  const phone = usePhone();
  const part: PartProps = { store, look, setLook, colors };
  const head = <Head {...part} members={members} runs={runs} tags={tags} />;
  return (
    <>
      {!phone && head}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
      <section ref={section} class="cmp" aria-label="Comparison" aria-busy={stale} tabIndex={0}>
        {phone && head}
        {error !== null && <Failure store={store} members={members} error={error} retry={retry} />}
        {members.length < 2 && <p class="cmp-wide cmp-hint">Add a second version or run to see what differs.</p>}
        {(payload ?? guess) && (
          <div class="cmp-wide">
            {members.length < 2 ? null : payload ? (
              <Summary payload={payload} />
            ) : (
              error === null && <div class="cmp-summary cmp-bone" role="status" aria-label="Comparing" />
            )}
            {(payload !== null || scalars.value !== null || error !== null) && (
              <CurvesPanel {...part} payload={payload ?? (guess as ComparePayload)} scalars={scalars} runs={runs} tags={tags} />
            )}
          </div>
        )}
        {members.length >= 2 && payload && <Behaviour found={behaviour} />}
        {members.length >= 2 && payload && <DiffTable {...part} payload={payload} />}
      </section>
    </>
  );
}

interface FailureProps {
  store: Store;
  members: string[];
  error: string;
  retry(): void;
}

/** Why there is no comparison, and the ways on. The sentence names a member that is gone. */
function Failure({ store, members, error, retry }: FailureProps): ComponentChildren {
  const gone = members.length > 2 ? members.filter((id) => error.includes(`"${id.replace(/^run:/, "")}"`)) : [];
  const [words, act] = store.exported ? ["Show all versions", () => store.view.compare([])] : ["Try again", retry];
  return (
    <div class="cmp-wide">
      <p class="cmp-error" role="alert">
        <bdi>{error}</bdi>{" "}
        {gone.map((id) => (
          <span key={id}>
            <button type="button" class="plain link" onClick={() => store.view.set({ compare: members.filter((each) => each !== id) })}>
              Go on without <bdi>{memberName(id)}</bdi>
            </button>{" "}
          </span>
        ))}
        <button type="button" class="plain link" onClick={act}>
          {words}
        </button>
      </p>
    </div>
  );
}

function Summary({ payload }: { payload: ComparePayload }): ComponentChildren {
  return (
    <div class="cmp-summary">
      <h2 class="vh">Summary</h2>
      {sentencesOf(payload).map(({ who, text }) => (
        <p key={who + text}>
          {who && (
            <b>
              <bdi>{who}</bdi>
            </b>
          )}
          <bdi>{text}</bdi>
        </p>
      ))}
      {payload.problems.map((problem) => (
        <p key={problem} class="warn">
          <span aria-hidden="true">⚠ </span>
          <bdi>{problem}</bdi>
        </p>
      ))}
    </div>
  );
}
