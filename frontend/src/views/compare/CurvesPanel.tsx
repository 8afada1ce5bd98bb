/** The training curves of all members: one chart for each tag, and what all charts share. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ComparePayload, ScalarsPayload } from "../../api/types";
import type { Cursor } from "../../charts/curveProps";
import { useLazy } from "../../elements/lazy";
import { useOverflow } from "../../elements/useOverflow";
import { picturesOf, shortNames } from "../../model/compare/pictures";
import type { XAxis } from "../../model/curves/axis";
import type { DrawnExport } from "../../model/curves/prepare";
import { CurveCard } from "./CurveCard";
import { Legend, Parts } from "./Legend";
import type { Loaded } from "./load";
import type { PartProps } from "./part";
import { TagPicker } from "./TagPicker";

interface CurvesPanelProps extends PartProps {
  payload: ComparePayload;
  scalars: Loaded<ScalarsPayload>;
  runs: string[];
  tags: string[];
}

export const loadChart = async () => (await import("../../charts/CurveChart")).CurveChart;

/** Of a run that no member has. */
const FALLBACK = "#808080";

const NO_SCALARS: ScalarsPayload = { series: [], missing: [] };

function Controls({ look, setLook }: PartProps): ComponentChildren {
  return (
    <>
      <label class="select">
        <span>Horizontal:</span>
        <select value={look.x} onChange={(event) => setLook({ x: event.currentTarget.value as XAxis })}>
          <option value="step">step</option>
          <option value="relative">relative time</option>
          <option value="wall">wall time</option>
        </select>
      </label>
      <label class="cmp-smooth">
        <span>Smoothing</span>
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={look.smooth}
          aria-label="Smoothing"
          onInput={(event) => setLook({ smooth: Number(event.currentTarget.value) }, false)}
        />
        <output>{look.smooth.toFixed(2)}</output>
      </label>
      <label class="cmp-check">
        <input type="checkbox" checked={look.log} onChange={(event) => setLook({ log: event.currentTarget.checked })} /> log scale
      </label>
      <label class="cmp-check" title="Without: the vertical axis shows the 5th to the 95th percentile, and every value at export">
        <input type="checkbox" checked={!look.outliers} onChange={(event) => setLook({ outliers: !event.currentTarget.checked })} /> ignore
        outliers
      </label>
    </>
  );
}

export function CurvesPanel(props: CurvesPanelProps): ComponentChildren {
  const { store, look, setLook, colors, payload, scalars, runs, tags } = props;
  const chart = useLazy(loadChart);
  const [picking, setPicking] = useState(false);
  const pick = useRef<HTMLButtonElement>(null);
  const cursor = useMemo(() => signal<Cursor | null>(null), []);
  const lit = useMemo(() => signal<ReadonlySet<string> | null>(null), []);
  useEffect(() => {
    const clear = (): void => void (cursor.value = null);
    window.addEventListener("blur", clear);
    return () => window.removeEventListener("blur", clear);
  }, [cursor]);
  const pictures = useMemo(() => picturesOf(payload, scalars.value ?? NO_SCALARS, tags), [payload, scalars.value, tags]);
  const names = useMemo(() => shortNames(payload.members), [payload]);
  const hidden = useMemo(() => new Set(look.hide), [look.hide]);
  const controls = useRef<HTMLDivElement>(null);
  useOverflow(controls, null, tags.length);
  const dark = store.host.dark.value;
  const byMember = useMemo(() => payload.members.map((member) => colors.get(member.id) ?? FALLBACK), [payload, colors]);
  // A run of two versions is one curve, in the colour of the first.
  const byRun = useMemo(
    () =>
      new Map(
        payload.members.flatMap((member, index) => member.runs.map((run) => [run.name, byMember[index] as string] as const)).toReversed(),
      ),
    [payload, byMember],
  );
  const color = useCallback((run: string) => byRun.get(run) ?? FALLBACK, [byRun]);
  const exportColor = useCallback((each: DrawnExport) => byMember[each.member] ?? FALLBACK, [byMember]);
  const togglePin = (tag: string): void =>
    setLook({ pins: look.pins.includes(tag) ? look.pins.filter((each) => each !== tag) : [...look.pins, tag] });
  return (
    <section class="cmp-curves" aria-labelledby="cmp-curves-title">
      <div class="cmp-bar">
        <h3 id="cmp-curves-title">Training curves</h3>
        <div ref={controls} class="cmp-controls">
          <button
            ref={pick}
            type="button"
            class="button"
            aria-haspopup="dialog"
            aria-expanded={picking}
            onClick={() => setPicking(!picking)}
          >
            Tags: {tags.length}
          </button>
          <Controls {...props} />
          <Parts {...props} hidden={hidden} />
        </div>
        {picking && pick.current && <TagPicker {...props} anchor={pick.current} close={() => setPicking(false)} togglePin={togglePin} />}
      </div>
      <Legend {...props} hidden={hidden} color={color} lit={lit} />
      {scalars.error !== null && (
        <p class="cmp-error" role="alert">
          <bdi>{scalars.error}</bdi>{" "}
          <button type="button" class="plain link" onClick={scalars.retry}>
            Try again
          </button>
        </p>
      )}
      {chart.state === "failed" && (
        <p class="cmp-error" role="alert">
          The charts could not be loaded.{" "}
          <button type="button" class="plain link" onClick={chart.retry}>
            Try again
          </button>
        </p>
      )}
      {tags.length === 0 && (
        <p class="dim">{runs.length === 0 ? `No member has a run ${store.place.here}, so there are no curves.` : "No chart is chosen."}</p>
      )}
      <div class="cmp-charts">
        {pictures.map((picture) => (
          <CurveCard
            key={picture.tag}
            picture={picture}
            payload={payload}
            look={look}
            Chart={chart.state === "ready" ? chart.value : null}
            waiting={scalars.value === null || (scalars.stale && picture.curves.length === 0)}
            hidden={hidden}
            names={names}
            color={color}
            exportColor={exportColor}
            dark={dark}
            cursor={cursor}
            lit={lit}
            sampled={store.place.sampled}
            pinned={look.pins.includes(picture.tag)}
            onPin={() => togglePin(picture.tag)}
          />
        ))}
      </div>
    </section>
  );
}
