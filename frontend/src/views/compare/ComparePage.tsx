/** Versions and runs side by side: their curves, and what differs. A chunk of its own. */
import type { ComponentChildren } from "preact";
import { useCallback, useMemo } from "preact/hooks";
import type { ComparePayload } from "../../api/types";
import { adopt } from "../../css";
import { decodeLook, encodeLook, type Look } from "../../model/compare/look";
import { firstTags, runsOf, sentencesOf } from "../../model/compare/pictures";
import type { Store } from "../../state/store";
import { CurvesPanel } from "./CurvesPanel";
import css from "./compare.css?inline";
import { DiffTable } from "./DiffTable";
import { Head } from "./Head";
import { useComparison, useScalars } from "./load";

adopt(css);

export interface PartProps {
  store: Store;
  look: Look;
  setLook(patch: Partial<Look>, push?: boolean): void;
}

function Skeleton(): ComponentChildren {
  return (
    <div class="cmp-wide" role="status" aria-label="Loading the comparison">
      <div class="cmp-summary cmp-bone" />
      <div class="cmp-charts">
        <div class="cmp-card cmp-bone" />
        <div class="cmp-card cmp-bone" />
      </div>
    </div>
  );
}

/** Pinned charts first. */
function ordered(tags: string[], pins: string[]): string[] {
  const pinned = pins.filter((tag) => tags.includes(tag));
  return [...pinned, ...tags.filter((tag) => !pinned.includes(tag))];
}

export function ComparePage({ store }: { store: Store }): ComponentChildren {
  const view = store.view.value;
  const members = view.compare;
  const look = useMemo(() => decodeLook(view.look), [view.look]);
  const setLook = useCallback(
    (patch: Partial<Look>, push = true) => store.set({ look: encodeLook({ ...decodeLook(store.view.peek().look), ...patch }) }, push),
    [store],
  );
  const revision = store.table.value?.payload.revision ?? "";
  const base = look.base !== null && members.includes(look.base) ? look.base : null;
  const { value: payload, error, stale, retry } = useComparison(store.api, members, base, look.goals, revision);
  const runs = useMemo(() => (payload ? runsOf(payload.members) : []), [payload]);
  const tags = useMemo(() => (payload ? ordered(look.tags ?? firstTags(payload), look.pins) : []), [payload, look.tags, look.pins]);
  const scalars = useScalars(store.api, runs, tags, revision);
  const part: PartProps = { store, look, setLook };
  return (
    <>
      <Head {...part} members={members} payload={payload} runs={runs} tags={tags} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard */}
      <section class="cmp" aria-label="Comparison" aria-busy={stale} tabIndex={0}>
        {error !== null && (
          <div class="cmp-wide">
            <p class="cmp-error" role="alert">
              <bdi>{error}</bdi>{" "}
              <button type="button" class="plain link" onClick={retry}>
                Try again
              </button>
            </p>
          </div>
        )}
        {members.length < 2 && <p class="cmp-wide cmp-hint">Add a second version or run to see what differs.</p>}
        {payload && members.length >= 2 ? (
          <>
            <div class="cmp-wide">
              <Summary payload={payload} />
              <CurvesPanel {...part} payload={payload} scalars={scalars} runs={runs} tags={tags} />
            </div>
            <DiffTable {...part} payload={payload} />
          </>
        ) : (
          error === null && members.length >= 2 && <Skeleton />
        )}
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
