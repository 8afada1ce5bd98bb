/** What the comparison loads. Old content stays until the new arrives, so that the page does not jump. */
import { useEffect, useState } from "preact/hooks";
import type { Api } from "../../api/api";
import type { CompareMember, ComparePayload, ScalarsPayload } from "../../api/types";
import { alonePayload } from "../../model/compare/alone";
import type { Goal } from "../../model/compare/look";

export interface Loaded<T> {
  value: T | null;
  error: string | null;
  /** The value answers an older request. */
  stale: boolean;
  retry(): void;
}

interface Answer<T> {
  asked: string | null;
  value: T | null;
  error: string | null;
}

function sentence(reason: unknown): string {
  return reason instanceof Error && reason.message ? reason.message : "The answer could not be read.";
}

/** `asked` names the question; null asks nothing. It is asked again when the revision changes. */
function useAnswer<T>(asked: string | null, revision: string, ask: () => Promise<T>): Loaded<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ asked: null, value: null, error: null });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (asked === null) return;
    let current = true;
    ask().then(
      (value) => current && setAnswer({ asked, value, error: null }),
      (reason) => current && setAnswer((old) => ({ asked, value: old.value, error: sentence(reason) })),
    );
    return () => {
      current = false;
    };
  }, [asked, revision, attempt]);
  return {
    value: answer.value,
    error: answer.asked === asked ? answer.error : null,
    stale: asked !== null && answer.asked !== asked,
    retry: () => setAttempt(attempt + 1),
  };
}

export function useComparison(
  api: Api,
  members: string[],
  base: string | null,
  goals: ReadonlyMap<string, Goal>,
  revision: string,
): Loaded<ComparePayload> {
  const asked = members.length < 2 ? null : JSON.stringify([members, base, [...goals]]);
  return useAnswer(asked, revision, () => api.compare(members, base, goals));
}

/** A single version, in the form of a comparison; null asks nothing. */
export function useAlone(api: Api, guess: CompareMember | null, revision: string): Loaded<ComparePayload> {
  return useAnswer(guess?.id ?? null, revision, async () => alonePayload(await api.version(guess?.id ?? ""), guess as CompareMember));
}

/** The server's limit of curves in one answer. */
const MOST_CURVES = 5000;
/** Above this many curves each is loaded with fewer points: they can't be told apart, and half the time is saved. */
const MANY_CURVES = 120;
const FEWER_POINTS = 500;

/** All curves of the page in one request. */
export function useScalars(api: Api, runs: string[], tags: string[], revision: string): Loaded<ScalarsPayload> {
  const some = tags.slice(0, Math.max(1, Math.floor(MOST_CURVES / Math.max(1, runs.length))));
  const asked = runs.length === 0 || tags.length === 0 ? null : JSON.stringify([runs, some]);
  return useAnswer(asked, revision, () => api.scalars(runs, some, runs.length * some.length > MANY_CURVES ? FEWER_POINTS : undefined));
}
