/** Who held production when: loaded when the chart over versions is one over time. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Api } from "../../api/api";
import type { LogEvent, ModelSaid } from "../../api/registry";
import { PRODUCTION } from "../../model/registry/aliases";
import { type Held, haveGaps, holdersOf } from "../../model/registry/holders";
import type { Store } from "../../state/store";

const PAGE = 500;
/** Of each model the newest events; what was before is not drawn. */
const MOST_PAGES = 10;
const MOST_MODELS = 4;

async function eventsOf(api: Api, model: string): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  for (let page = 0; page < MOST_PAGES; page++) {
    const before = events.at(-1)?.number;
    const found = await api.history({ model, limit: PAGE, ...(before !== undefined && { before }) });
    events.push(...found.events);
    if (!found.more || found.events.length === 0) break;
  }
  return events;
}

/** Nothing after a moment. */
function until(held: readonly Held[], at: number): Held[] {
  return held.filter(({ from }) => from <= at).map((each) => (each.to !== null && each.to > at ? { ...each, to: null } : each));
}

/** Of a model whose state is not known no line is drawn, nor of one with several logs, nor where another manifest was promoted. */
function isCertain(log: ModelSaid | null): boolean {
  return log?.problem === null && !log.aliases.some(({ name, another_manifest }) => name === PRODUCTION && another_manifest);
}

/** null: the chart is one by version. */
export function useOver(store: Store, points: readonly { model: string }[]) {
  const { overTime, at } = store.view.value;
  const [found, setFound] = useState<{ of: string; held: ReadonlyMap<string, Held[]> } | null>(null);
  const models = overTime
    ? [...new Set(points.map(({ model }) => model))].filter((model) => isCertain(store.registry.logOf(model))).slice(0, MOST_MODELS)
    : [];
  const of = JSON.stringify(models.map((model) => [model, store.registry.logOf(model)?.head]));
  useEffect(() => {
    if (models.length === 0) return;
    let current = true;
    const load = async (model: string): Promise<[string, Held[]]> => {
      const events = await eventsOf(store.api, model);
      const isNewest = events.length === 0 || events[0]?.number === store.registry.logOf(model)?.head;
      return [model, haveGaps(events) || !isNewest ? [] : holdersOf(events, PRODUCTION)];
    };
    Promise.all(models.map(load)).then(
      (all) => current && setFound({ of, held: new Map(all) }),
      () => undefined, // The chart is whole without the line.
    );
    return () => {
      current = false;
    };
  }, [store, of]);
  const minute = store.minute.value;
  return useMemo(() => {
    if (!overTime) return null;
    const now = at ?? minute;
    const known = found?.of === of ? found.held : new Map<string, Held[]>();
    return { now, holders: new Map([...known].map(([model, held]) => [model, until(held, now)])) };
  }, [overTime, at, minute, found, of]);
}
