/** A metric over the versions as a drawing: a tip names the version nearest to the pointer, a click opens it. */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Chip } from "../elements/Chip";
import { useFonts } from "../elements/useFonts";
import { formatDate, formatMetric } from "../model/format";
import { toneOf } from "../model/registry/aliases";
import { BranchLines } from "./BranchLines";
import { echarts } from "./echarts";
import { type Drawn, nameOf } from "./metricProps";
import { buildOption, drawnBranches } from "./option";
import { paintOf } from "./paint";
import { type Band, isWithin, type Metric, type Picture, type Point } from "./points";

type Chart = ReturnType<typeof echarts.init>;

interface Place {
  point: Point;
  x: number;
  y: number;
}

function placesOf(chart: Chart, picture: Picture): Place[] {
  return picture.lines.flatMap((line) =>
    line.points.map((point) => {
      const [x = 0, y = 0] = chart.convertToPixel({ gridIndex: 0 }, [picture.x(point), point.value]);
      return { point, x, y };
    }),
  );
}

/** How far the pointer may be from a point, in pixels. */
const REACH = 28;

function nearest(places: Place[], x: number, y: number): Place | null {
  let found: Place | null = null;
  let least = REACH * REACH;
  for (const place of places) {
    const distance = (place.x - x) ** 2 + (place.y - y) ** 2;
    if (distance >= least) continue;
    least = distance;
    found = place;
  }
  return found;
}

/** Draws once the page has its new colours, and again when the size changes. */
function useChart({ picture, extras, selected, dark }: Drawn, onPlaces: (places: Place[]) => void) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | null>(null);
  const fonts = useFonts();
  useEffect(() => {
    const room = box.current;
    if (!room) return;
    const made = echarts.init(room, null, { renderer: "canvas" });
    chart.current = made;
    return () => {
      chart.current = null;
      made.dispose();
    };
  }, []);
  useEffect(() => {
    const room = box.current;
    const draw = (): void => {
      if (!room || !chart.current || room.clientHeight === 0 || picture.count === 0) return;
      if (chart.current.getWidth() !== room.clientWidth || chart.current.getHeight() !== room.clientHeight) chart.current.resize();
      chart.current.setOption(buildOption(picture, extras, selected, paintOf(room)), { notMerge: true });
      onPlaces(placesOf(chart.current, picture));
    };
    // The observer calls once at its start, so this draws the first time too.
    let frame = 0;
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(draw);
    });
    if (room) observer.observe(room);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
    };
  }, [picture, extras, selected, dark, fonts]);
  return box;
}

interface TipProps {
  place: Place;
  metric: Metric;
  several: boolean;
  width: number;
  band: Band | null;
}

function Tip({ place, metric, several, width, band }: TipProps): ComponentChildren {
  const { point } = place;
  const toLeft = place.x > width / 2;
  const style = toLeft ? { right: `${width - place.x + 12}px` } : { left: `${place.x + 12}px` };
  const tip = (
    <div class="chart-tip" style={{ ...style, top: `${Math.max(0, place.y - 30)}px` }} aria-hidden="true">
      <div>
        {several && (
          <>
            <bdi>{point.model}</bdi>{" "}
          </>
        )}
        <b>
          <bdi>{point.label}</bdi>
        </b>
      </div>
      <div>
        <bdi>{metric.key}</bdi> <b>{formatMetric(point.value)}</b>
      </div>
      {point.source && <div class="dim">{point.source}</div>}
      {point.aliases.length > 0 && (
        <div>
          {point.aliases.map((alias) => (
            <Chip key={alias} name={alias} tone={toneOf(alias)} first />
          ))}
        </div>
      )}
      {point.parents.slice(0, 3).map(({ id, relation }) => (
        <div key={id}>
          {relation} <bdi>{nameOf(id)}</bdi>
        </div>
      ))}
      {band && isWithin(band, point) && point !== band.around && (
        <div>
          within seed noise of <bdi>{band.around.number}</bdi>
        </div>
      )}
      {point.created !== null && <div class="dim">{formatDate(point.created)}</div>}
    </div>
  );
  return (
    <>
      <div class="chart-ring" style={{ left: `${place.x}px`, top: `${place.y}px` }} aria-hidden="true" />
      {tip}
    </>
  );
}

export function MetricPlot(props: Drawn): ComponentChildren {
  const { picture, metric, words, extras } = props;
  const [places, setPlaces] = useState<Place[]>([]);
  const [over, setOver] = useState<Place | null>(null);
  const byId = useMemo(() => new Map(places.map((place) => [place.point.id, place])), [places]);
  const box = useChart(props, (next) => {
    setPlaces(next);
    setOver(null);
  });
  const move = (to: Place | null): void => {
    if (to !== over) setOver(to);
  };
  const at = (event: MouseEvent): Place | null => {
    const { left, top } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return nearest(places, event.clientX - left, event.clientY - top);
  };
  const open = (event: MouseEvent): void => {
    const place = at(event);
    if (place) props.onOpen(place.point.id);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard has the same versions as buttons in the table
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      class="chart-plot"
      data-over={over ? "" : undefined}
      onMouseMove={(event) => move(at(event))}
      onMouseLeave={() => move(null)}
      onClick={open}
    >
      <div ref={box} class="chart-canvas" role="img" aria-label={words} />
      <BranchLines
        branches={drawnBranches(extras.branches, props.selected)}
        places={byId}
        width={box.current?.clientWidth ?? 0}
        height={box.current?.clientHeight ?? 0}
        over={over?.point.id ?? null}
      />
      {over && (
        <Tip place={over} metric={metric} several={picture.lines.length > 1} width={box.current?.clientWidth ?? 0} band={extras.band} />
      )}
    </div>
  );
}
