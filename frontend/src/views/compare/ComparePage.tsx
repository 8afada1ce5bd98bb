/** Versions and runs side by side: their curves, and what differs. A chunk of its own. */
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ComparePayload } from "../../api/types";
import { adopt } from "../../elements/css";
import { afterPaint } from "../../host/paint";
import { guessPayload, guessTags } from "../../model/compare/guess";
import { decodeLook, encodeLook, type Look } from "../../model/compare/look";
import { firstTags, runsOf, sentencesOf } from "../../model/compare/pictures";
import type { Store } from "../../state/store";
import { CurvesPanel, loadChart } from "./CurvesPanel";
import css from "./compare.css?inline";
import { DiffTable } from "./DiffTable";
import { Head, memberName } from "./Head";
import { useAlone, useComparison, useScalars } from "./load";
import type { PartProps } from "./part";

adopt(css);
void loadChart();

const isWithin = (some: readonly string[], all: readonly string[]): boolean => some.every((each) => all.includes(each));

/** Pinned charts first. */
function ordered(tags: string[], pins: string[]): string[] {
  const pinned = pins.filter((tag) => tags.includes(tag));
  return [...pinned, ...tags.filter((tag) => !pinned.includes(tag))];
}

const PHONE = "(max-width: 640px)";

/** A window so small that who is compared scrolls away with the rest. */
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

export function ComparePage({ store }: { store: Store }): ComponentChildren {
  const view = store.view.value;
  const members = view.compare;
  const look = useMemo(() => decodeLook(view.look), [view.look]);
  const setLook = useCallback(
    (patch: Partial<Look>, push = true) => store.view.set({ look: encodeLook({ ...decodeLook(store.view.peek().look), ...patch }) }, push),
    [store],
  );
  const revision = store.table.value?.payload.revision ?? "";
  // First the curves, then what differs: asked together, each would wait for the other on the server.
  const [first, setFirst] = useState(true);
  const base = look.base !== null && members.includes(look.base) ? look.base : null;
  const table = store.table.value;
  const known = store.runs.known.value;
  const together = useComparison(store.api, first ? [] : members, base, look.goals, revision);
  // The curves are asked for at once, not after the comparison: the table knows the runs, and most often the tags.
  const guess = useMemo(() => table && guessPayload(table, members, known ?? table.payload.runs), [table, members, known]);
  const single = members.length === 1 ? (guess?.members.find((member) => member.kind === "version") ?? null) : null;
  const alone = useAlone(store.api, first ? null : single, revision);
  const { value, error, stale, retry } = members.length === 1 ? alone : together;
  const payload = members.length === 1 && single === null ? null : value;
  const guessed = useMemo(() => look.tags ?? (table && guess ? guessTags(table, guess) : []), [table, guess, look.tags]);
  const told = stale ? null : payload;
  const runs = useMemo(() => runsOf((told ?? guess)?.members ?? []), [told, guess]);
  const wanted = useMemo(() => (payload ? ordered(look.tags ?? firstTags(payload, guessed), look.pins) : null), [payload, guessed, look]);
  const right = told === null || wanted === null || isWithin(wanted, guessed);
  const asked = guess && right ? runsOf(guess.members) : runs;
  const scalars = useScalars(store.api, isWithin(runs, asked) ? asked : runs, right ? guessed : wanted, revision);
  const served = scalars.value !== null || scalars.error !== null || guessed.length === 0 || asked.length === 0;
  useEffect(() => (served ? afterPaint(() => setFirst(false)) : undefined), [served]);
  const drawn = useMemo(() => new Set(scalars.value?.series.map((each) => each.tag)), [scalars.value]);
  const tags = wanted ?? ordered(look.tags ?? guessed.filter((tag) => drawn.has(tag)), look.pins);
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // The button that led here is gone, so the focus moves to the page. A reader who opened a link pressed no button.
    const element = section.current;
    if (!element) return;
    const led = document.activeElement === document.body && document.hasFocus() && store.view.acted;
    if (led) element.focus({ preventScroll: true });
    // A container query would clip the popovers in some browsers.
    const observer = new ResizeObserver(() => element.style.setProperty("--cmp-wide", `${element.clientWidth}px`));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  // A deleted run or version: the sentence names it.
  const gone = members.length > 2 && error !== null ? members.filter((id) => error.includes(`"${id.replace(/^run:/, "")}"`)) : [];
  const part: PartProps = { store, look, setLook };
  const phone = usePhone();
  const head = <Head {...part} members={members} payload={payload} runs={runs} tags={tags} />;
  return (
    <>
      {!phone && head}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
      <section ref={section} class="cmp" aria-label="Comparison" aria-busy={stale} tabIndex={0}>
        {phone && head}
        {error !== null && (
          <div class="cmp-wide">
            <p class="cmp-error" role="alert">
              <bdi>{error}</bdi>{" "}
              {gone.map((id) => (
                <>
                  <button
                    key={id}
                    type="button"
                    class="plain link"
                    onClick={() => store.view.set({ compare: members.filter((each) => each !== id) })}
                  >
                    Go on without <bdi>{memberName(id)}</bdi>
                  </button>{" "}
                </>
              ))}
              {store.exported ? (
                <button type="button" class="plain link" onClick={() => store.view.compare([])}>
                  Show all versions
                </button>
              ) : (
                <button type="button" class="plain link" onClick={retry}>
                  Try again
                </button>
              )}
            </p>
          </div>
        )}
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
        {members.length >= 2 && payload && <DiffTable {...part} payload={payload} />}
      </section>
    </>
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
