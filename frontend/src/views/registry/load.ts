/** What the history loads, page by page. Old content stays until the new arrives. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Api } from "../../api/api";
import type { HistoryQuestion, LogEvent, MeasuredRecord } from "../../api/registry";

const PAGE = 100;

export interface History {
  /** Newest first; null until the first answer. */
  events: readonly LogEvent[] | null;
  more: boolean;
  loading: boolean;
  error: string | null;
  /** Loads the next older page, or what failed again. */
  older(): void;
}

interface Asked {
  model: string;
  /** Where several folders have a log of the model. */
  folder?: string | undefined;
  /** Only events about it. */
  version?: string;
  /** Number of the model's last event: what is newer is loaded when it grows. */
  head: number;
}

interface Answer {
  of: string;
  events: readonly LogEvent[] | null;
  more: boolean;
  error: string | null;
}

const sentence = (reason: unknown): string =>
  reason instanceof Error && reason.message ? reason.message : "The history could not be loaded.";

/** Newest first, each once. */
function merged(newer: readonly LogEvent[], older: readonly LogEvent[]): LogEvent[] {
  const last = newer.at(-1)?.number ?? Number.POSITIVE_INFINITY;
  return [...newer, ...older.filter((event) => event.number < last)];
}

/** Whether a page of the newest events reaches those that are known, so that nothing is missing between them. */
function joins(page: readonly LogEvent[], more: boolean, known: readonly LogEvent[]): boolean {
  const first = known[0]?.number ?? 0;
  return !more || page.some((event) => event.number <= first);
}

export function useHistory(api: Api, { model, folder, version, head }: Asked): History {
  const of = JSON.stringify([model, folder, version]);
  const [answer, setAnswer] = useState<Answer>({ of, events: null, more: false, error: null });
  const [loading, setLoading] = useState(false);
  const current = useRef(of);
  current.current = of;
  const ask = useCallback(
    async (before: number | undefined) => {
      setLoading(true);
      try {
        const page = await api.history({
          model,
          limit: PAGE,
          ...(folder !== undefined && { folder }),
          ...(before !== undefined && { before }),
          ...(version !== undefined && { version }),
        });
        if (current.current !== of) return;
        setAnswer((old) => {
          const known = old.of === of ? (old.events ?? []) : [];
          if (before !== undefined) return { of, events: merged(known, page.events), more: page.more, error: null };
          const keep = joins(page.events, page.more, known);
          return {
            of,
            events: keep ? merged(page.events, known) : page.events,
            more: keep && known.length > 0 ? old.more : page.more,
            error: null,
          };
        });
      } catch (reason) {
        if (current.current === of)
          setAnswer((old) => ({ ...(old.of === of ? old : { of, events: null, more: false }), error: sentence(reason) }));
      } finally {
        if (current.current === of) setLoading(false);
      }
    },
    [api, of],
  );
  useEffect(() => void ask(undefined), [ask, head]);
  const mine = answer.of === of ? answer : { events: null, more: false, error: null };
  return { ...mine, loading, older: () => void ask(mine.events?.at(-1)?.number) };
}

/** Metrics of one version that were measured later, newest first; null until they are there. */
export function useMeasured(api: Api, question: HistoryQuestion, revision: string): readonly MeasuredRecord[] | null {
  const [answer, setAnswer] = useState<{ of: string; records: readonly MeasuredRecord[] } | null>(null);
  const of = JSON.stringify(question);
  useEffect(() => {
    let current = true;
    api.measured(question).then(
      ({ measured }) => current && setAnswer({ of, records: measured }),
      () => undefined, // The panel is whole without them.
    );
    return () => {
      current = false;
    };
  }, [api, of, revision]);
  return answer?.of === of ? answer.records : null;
}
