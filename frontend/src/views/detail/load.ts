/** What the panel loads: the version, the curves of its metrics, the time. Old content stays until the new arrives. */
import { useEffect, useState } from "preact/hooks";
import type { Api } from "../../api/api";
import type { MetricDetail, ScalarsPayload, VersionPayload } from "../../api/types";

export type Curve = ScalarsPayload["series"][number];

export interface Loaded {
  /** Of the requested version, or of the one before until it arrives. */
  payload: VersionPayload | null;
  error: string | null;
  /** The payload belongs to the version before. */
  stale: boolean;
  retry(): void;
}

interface Answer {
  id: string | null;
  payload: VersionPayload | null;
  error: string | null;
}

function sentence(reason: unknown): string {
  return reason instanceof Error && reason.message ? reason.message : "The version could not be loaded.";
}

export function useVersion(api: Api, id: string, revision: string): Loaded {
  const [answer, setAnswer] = useState<Answer>({ id: null, payload: null, error: null });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    api.version(id).then(
      (payload) => current && setAnswer({ id, payload, error: null }),
      (reason) => current && setAnswer((old) => ({ id, payload: old.id === id ? old.payload : null, error: sentence(reason) })),
    );
    return () => {
      current = false;
    };
  }, [api, id, revision, attempt]);
  return {
    payload: answer.payload,
    error: answer.id === id ? answer.error : null,
    stale: answer.id !== id,
    retry: () => setAttempt(attempt + 1),
  };
}

/** Most different tags whose curves are drawn. */
const MAX_TAGS = 60;

export function curveKey(run: string, tag: string): string {
  return JSON.stringify([run, tag]);
}

/** The curves behind the metrics, asked for in one request. */
export function useCurves(api: Api, metrics: readonly MetricDetail[], revision: string): ReadonlyMap<string, Curve> {
  const [curves, setCurves] = useState<ReadonlyMap<string, Curve>>(new Map());
  const drawn = metrics.filter((metric) => metric.run !== null && metric.tag !== null);
  const runs = [...new Set(drawn.map((metric) => metric.run as string))].sort();
  const tags = [...new Set(drawn.map((metric) => metric.tag as string))].sort().slice(0, MAX_TAGS);
  const asked = JSON.stringify([runs, tags]);
  useEffect(() => {
    if (tags.length === 0) return;
    let current = true;
    api.scalars(runs, tags).then(
      ({ series }) => current && setCurves(new Map(series.map((each) => [curveKey(each.run, each.tag), each]))),
      () => undefined, // The panel is whole without the small curves.
    );
    return () => {
      current = false;
    };
  }, [api, asked, revision]);
  return curves;
}

/** The current time, updated every half minute. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => {
      if (window.innerHeight > 0) setNow(Date.now());
    }, 30_000);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}
