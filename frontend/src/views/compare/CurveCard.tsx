/** One chart with its title, its notes, and its other forms: as a table, as a file. */
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ComparePayload } from "../../api/types";
import type { CurveChart } from "../../charts/CurveChart";
import type { CurveLooks, Range } from "../../charts/curveAxes";
import type { Cursor } from "../../charts/curveProps";
import { Menu } from "../../elements/Menu";
import type { Look } from "../../model/compare/look";
import { type Picture, partOf, pictureInWords } from "../../model/compare/pictures";
import { type Drawing, type DrawnExport, prepare } from "../../model/curves/prepare";
import { formatCount } from "../../model/format";
import { CurveTable } from "./CurveTable";

export interface CurveCardProps {
  picture: Picture;
  payload: ComparePayload;
  look: Look;
  Chart: typeof CurveChart | null;
  waiting: boolean;
  hidden: ReadonlySet<string>;
  names: string[];
  color(run: string): string;
  exportColor(each: DrawnExport): string;
  dark: boolean;
  cursor: Signal<Cursor | null>;
  /** Shown where curves have more points than are drawn. */
  sampled: string;
  /** Highlighted runs, in all charts. */
  lit: Signal<ReadonlySet<string> | null>;
  pinned: boolean;
  onPin(): void;
}

const ARROWS = { max: "↑", min: "↓", unknown: "" };
const GOALS = { max: "higher is better", min: "lower is better", unknown: "" };

let queue: Promise<unknown> = Promise.resolve();

/** Runs one task at a time and lets the browser draw in between, so that the first chart does not wait for the last. */
function inTurn(act: () => void): void {
  queue = queue.then(
    () =>
      new Promise<void>((done) => {
        act();
        setTimeout(done, 0);
      }),
  );
}

/** True once the card was near the window and there is something to draw: what is far away is not drawn. */
function useSeen(box: { current: HTMLElement | null }, ready: boolean): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!box.current || seen || !ready) return;
    const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && inTurn(() => setSeen(true)), {
      rootMargin: "300px",
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [seen, ready]);
  return seen;
}

function notes(drawing: Drawing | null, picture: Picture, zoomed: boolean, sampled: string): string[] {
  if (!drawing) return [];
  const { oddities, outside, notPositive } = drawing;
  const counted = (count: number, one: string, many: string): string => `${formatCount(count)} ${count === 1 ? one : many}`;
  const kinds = (["NaN", "∞", "−∞"] as const).filter((kind) => oddities.some((each) => each.kind === kind));
  const runs = new Set(oddities.map((each) => each.run));
  const who = runs.size === 1 ? ` in ${[...runs][0]}` : runs.size > 1 ? ` in ${runs.size} runs` : "";
  const points = drawing.curves.filter((each) => each.xs.length > 0);
  return [
    oddities.length > 0 ? `▲ ${counted(oddities.length, "value is", "values are")} ${kinds.join(" or ")}${who}` : "",
    notPositive > 0 ? `${counted(notPositive, "value is", "values are")} not above 0, so not on a log scale` : "",
    outside > 0 && !zoomed ? `${counted(outside, "outlier is", "outliers are")} outside of the range` : "",
    points.length > 0 && points.every((each) => each.xs.length === 1) ? "a single point in each run" : "",
    picture.curves.some((each) => each.sampled) ? sampled : "",
  ].filter(Boolean);
}

export function CurveCard(props: CurveCardProps): ComponentChildren {
  const { picture, payload, look, Chart, hidden, names, color, exportColor } = props;
  const card = useRef<HTMLElement>(null);
  const saver = useRef<HTMLButtonElement>(null);
  const looks = useRef<CurveLooks | null>(null);
  const [asTable, setAsTable] = useState(false);
  const [saving, setSaving] = useState(false);
  const [zoom, setZoom] = useState<Range | null>(null);
  const seen = useSeen(card, Chart !== null && !props.waiting);
  const { x, smooth, log, outliers } = look;
  const drawing = useMemo(
    () => (seen ? prepare(picture, { x, smooth, log, outliers }, hidden) : null),
    [seen, picture, x, smooth, log, outliers, hidden],
  );
  useEffect(() => setZoom(null), [x, log]);
  const owners = useMemo(() => new Map(picture.curves.map((each) => [each.run, each.members])), [picture]);
  const exportName = useCallback((each: DrawnExport) => names[each.member] ?? "", [names]);
  const ownerName = useCallback(
    (run: string) =>
      (owners.get(run) ?? [])
        .filter((member) => payload.members[member]?.kind === "version")
        .map((member) => names[member])
        .join(", "),
    [owners, names, payload],
  );
  const dashed = useCallback((run: string) => partOf(run) === "train", []);
  const onLooks = useCallback((next: CurveLooks) => void (looks.current = next), []);
  const save = (ending: "svg" | "png"): void => {
    const now = looks.current;
    if (!drawing || !now) return;
    void import("../../charts/save").then(({ saveChart }) =>
      saveChart({ title: picture.tag, drawing, looks: now, range: zoom ?? drawing }, ending),
    );
  };
  const words = pictureInWords(picture, names);
  const said = notes(drawing, picture, zoom !== null, props.sampled);
  const nothing = picture.curves.length === 0 ? "None of these runs has this tag." : "All of its runs are hidden.";
  return (
    <section ref={card} class="cmp-card" aria-label={picture.tag}>
      <div class="cmp-card-head">
        <h4 title={picture.tag}>
          <bdi>{picture.tag}</bdi>
        </h4>
        <span class="cmp-aims">
          {picture.metrics
            .filter((metric) => metric.name !== picture.tag || metric.goal !== "unknown")
            .slice(0, 3)
            .map((metric) => (
              <span key={metric.name} class="dim" title={GOALS[metric.goal]}>
                {metric.name !== picture.tag && <bdi>{metric.name}</bdi>} <span aria-hidden="true">{ARROWS[metric.goal]}</span>
                <span class="vh">{GOALS[metric.goal]}</span>
              </span>
            ))}
        </span>
        <span class="cmp-card-acts">
          {zoom && !asTable && (
            <button type="button" class="button small" onClick={() => setZoom(null)}>
              reset zoom
            </button>
          )}
          <button type="button" class="button small" aria-pressed={props.pinned} onClick={props.onPin} title="Pinned charts come first">
            {props.pinned ? "★ pinned" : "☆ pin"}
          </button>
          <button type="button" class="button small" onClick={() => setAsTable(!asTable)}>
            {asTable ? "as chart" : "as table"}
          </button>
          <button
            ref={saver}
            type="button"
            class="button small"
            aria-haspopup="menu"
            aria-expanded={saving}
            disabled={!drawing || asTable}
            onClick={() => setSaving(!saving)}
          >
            save…
          </button>
        </span>
        {saving && saver.current && (
          <Menu
            anchor={saver.current}
            label="Save the chart"
            close={() => setSaving(false)}
            entries={[
              { label: "as SVG", act: () => save("svg") },
              { label: "as PNG", act: () => save("png") },
            ]}
          />
        )}
      </div>
      <div class="cmp-card-body">
        {asTable ? (
          <CurveTable picture={picture} hidden={hidden} names={names} />
        ) : drawing && Chart ? (
          <Chart
            tag={picture.tag}
            drawing={drawing}
            axis={x}
            log={log}
            smoothed={smooth > 0}
            words={words}
            dark={props.dark}
            cursor={props.cursor}
            zoom={zoom}
            setZoom={setZoom}
            color={color}
            exportColor={exportColor}
            dashed={dashed}
            exportName={exportName}
            ownerName={ownerName}
            onLooks={onLooks}
            lit={props.lit}
          />
        ) : (
          seen && !drawing && !props.waiting && <p class="cmp-nothing dim">{nothing}</p>
        )}
      </div>
      <p class="cmp-notes dim small" title={said.join(" · ")}>
        <bdi>{said.join(" · ")}</bdi>
      </p>
    </section>
  );
}
