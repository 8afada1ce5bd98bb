/** Loads how the baseline and the other members answered the same, as far as it was recorded; the comparison is whole without it. */
import { useEffect, useState } from "preact/hooks";
import type { Api } from "../../api/api";
import type { VersionPayload } from "../../api/types";
import type { Table } from "../../model/columns";
import { type Compared, comparedOf } from "../../model/compare/behaviour";
import { saidIn } from "../../model/registry/late";
import { logsOf } from "../../model/registry/overlay";

const PAGE = 500;
const MOST_PAGES = 20;
/** Pairs of which nothing is recorded and whose command is shown. */
const MOST_COMMANDS = 2;

/** What is known of one pair. */
export interface Pair {
  /** Their answers are compared with those of `before`. */
  before: VersionPayload;
  after: VersionPayload;
  /** null: nothing was recorded. */
  compared: Compared | null;
}

export interface Behaviours {
  pairs: Pair[];
  /** How many more have no record. */
  more: number;
  /** Members whose log can't be read to its end, so that what is not found may still be recorded. */
  unknown: string[];
}

interface Known {
  /** Newest first. */
  compared: Compared[];
  /** There may be more. */
  unknown: boolean;
}

/** All comparisons that the log says of a version. */
async function comparedIn(api: Api, table: Table, id: string): Promise<Known> {
  const row = table.indexOf.get(id);
  if (row === undefined) return { compared: [], unknown: false };
  const said = saidIn(table.payload)(row);
  const model = table.payload.columns.model;
  const name = model.values[model.codes[row] as number] as string;
  // A log that is damaged from the start mentions no version.
  const damaged = logsOf(table.payload.registry).some((each) => each.model === name && each.log.problem !== null);
  if (damaged || (said.version?.events ?? 0) === 0) return { compared: [], unknown: damaged };
  const number = table.numbers[row] as string;
  const folder = id !== `${name}:${number}` && said.log?.folder ? { folder: said.log.folder } : {};
  const found: Compared[] = [];
  let before: { before?: number } = {};
  for (let page = 0; page < MOST_PAGES; page++) {
    const { events, more } = await api.history({ model: name, version: number, limit: PAGE, ...folder, ...before });
    found.push(...events.flatMap((event) => comparedOf(event) ?? []));
    const last = events.at(-1)?.number;
    if (!more || last === undefined) return { compared: found, unknown: false };
    before = { before: last };
  }
  return { compared: found, unknown: true };
}

const nameOf = ({ model, number }: VersionPayload): string => `${model}:${number}`;
const isAsked = ({ manifest }: VersionPayload): boolean =>
  Boolean(manifest?.savedModel) && (manifest?.format ?? "saved_model") === "saved_model";

async function behaviours(api: Api, table: Table, base: string, others: readonly string[], exported: boolean): Promise<Behaviours> {
  const said = new Map(await Promise.all([base, ...others].map(async (id) => [id, await comparedIn(api, table, id)] as const)));
  const first = await api.version(base);
  const compared = (id: string): Compared[] => said.get(id)?.compared ?? [];
  const pairs: Pair[] = [];
  const unknown = [base, ...others].filter((id) => said.get(id)?.unknown);
  let [more, commands] = [0, 0];
  for (const id of others) {
    const isRecorded = compared(id).length + compared(base).length > 0;
    if (!isRecorded && (exported || commands >= MOST_COMMANDS)) {
      more += exported ? 0 : 1;
      continue;
    }
    const second = await api.version(id);
    const records: Pair[] = [
      ...compared(id)
        .filter(({ other }) => other === nameOf(first))
        .map((each) => ({ before: first, after: second, compared: each })),
      ...compared(base)
        .filter(({ other }) => other === nameOf(second))
        .map((each) => ({ before: second, after: first, compared: each })),
    ];
    const [newest] = records.sort((a, b) => (b.compared?.time ?? 0) - (a.compared?.time ?? 0));
    if (newest) pairs.push(newest);
    else if (!exported && !unknown.includes(id) && !unknown.includes(base) && isAsked(first) && isAsked(second)) {
      if (commands < MOST_COMMANDS) pairs.push({ before: first, after: second, compared: null });
      else more += 1;
      commands += 1;
    }
  }
  return { pairs, more, unknown };
}

/** `ids`: of the members that are versions. null until it is there. */
export function useBehaviour(
  api: Api,
  table: Table | null,
  base: string | null,
  ids: readonly string[],
  exported: boolean,
): Behaviours | null {
  const [answer, setAnswer] = useState<{ of: string; found: Behaviours } | null>(null);
  const of = JSON.stringify([base, ids, table?.payload.revision, exported]);
  useEffect(() => {
    let current = true;
    const others = ids.filter((id) => id !== base);
    if (table && base !== null && others.length > 0)
      behaviours(api, table, base, others, exported).then(
        (found) => current && setAnswer({ of, found }),
        () => undefined,
      );
    return () => {
      current = false;
    };
  }, [api, of]);
  return answer?.of === of ? answer.found : null;
}
