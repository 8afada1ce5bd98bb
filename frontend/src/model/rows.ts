/** Which rows are shown: the query and the four facets of the sidebar, in one pass over all rows. */
import type { Table } from "./columns";
import { trainingOf, trainingsOf } from "./trainings";

export interface Facets {
  models: string[];
  aliases: string[];
  /** Names of trainings, as in trainings.ts. */
  runs: string[];
  states: string[];
}

export type Predicate = (row: number) => boolean;

/** The count of each facet value is what a click on it would show: all filters apply except the facet's own. */
export interface FacetCounts {
  models: Map<string, number>;
  aliases: Map<string, number>;
  runs: Map<string, number>;
  states: Map<string, number>;
}

const HIDDEN_REASONS = 5;

const [QUERY, MODEL, ALIAS, RUN, STATE, BRUSH] = [1, 2, 4, 8, 16, 32] as const;

export interface Shown {
  table: Table;
  rows: Uint32Array;
  /** What the charts draw: the shown rows and those outside of the charts' ranges. */
  drawn: Uint32Array;
  counts: FacetCounts;
  /** How many rows that pass all filters are hidden, by reason; see registry/hiding.ts. */
  hidden: readonly number[];
}

function seed(values: Iterable<string>): Map<string, number> {
  return new Map([...values].map((value) => [value, 0]));
}

function bump(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Whether each code of a coded column passes; all pass where nothing is chosen. */
function wantedCodes(values: string[], wanted: string[]): Uint8Array | null {
  if (wanted.length === 0) return null;
  const set = new Set(wanted);
  return Uint8Array.from(values, (value) => (set.has(value) ? 1 : 0));
}

interface Beside {
  /** The ranges of the charts. */
  brushed?: Predicate | null;
  /** For each row why it is hidden, or 0; null: none is. */
  hidden?: Uint8Array | null;
}

export function showRows(table: Table, predicate: Predicate | null, facets: Facets, beside: Beside = {}): Shown {
  const { brushed = null, hidden = null } = beside;
  const why = new Array<number>(HIDDEN_REASONS).fill(0);
  const { columns } = table.payload;
  const trainings = trainingsOf(table.payload);
  const [models, states] = [columns.model, columns.state];
  const modelWanted = wantedCodes(models.values, facets.models);
  const stateWanted = wantedCodes(states.values, facets.states);
  const runNames = trainings.all.map((each) => each.name);
  // An older link may name "mlp/train", which is a part of "mlp".
  const runWanted = wantedCodes(runNames, facets.runs.map(trainingOf));
  const aliasWanted = facets.aliases.length ? new Set(facets.aliases) : null;
  const modelCounts = new Uint32Array(models.values.length);
  const stateCounts = new Uint32Array(states.values.length);
  const runCounts = new Uint32Array(runNames.length);
  const aliases = seed([]);
  const rows = new Uint32Array(table.count);
  const drawn = new Uint32Array(brushed ? table.count : 0);
  let [shown, around] = [0, 0];
  for (let row = 0; row < table.count; row++) {
    const model = models.codes[row] as number;
    const state = states.codes[row] as number;
    const linked = trainings.ofRow[row] as number[];
    const named = columns.aliases[row] as string[];
    let failed = predicate && !predicate(row) ? QUERY : 0;
    if (modelWanted && !modelWanted[model]) failed |= MODEL;
    if (stateWanted && !stateWanted[state]) failed |= STATE;
    if (runWanted && !linked.some((run) => runWanted[run])) failed |= RUN;
    if (aliasWanted && !named.some((alias) => aliasWanted.has(alias))) failed |= ALIAS;
    const reason = hidden?.[row] ?? 0;
    if (reason !== 0) {
      if (failed === 0) why[reason] = (why[reason] as number) + 1;
      continue;
    }
    if (brushed && failed === 0) drawn[around++] = row;
    if (brushed && !brushed(row)) failed |= BRUSH;
    if (failed === 0) rows[shown++] = row;
    if ((failed & ~MODEL) === 0 && model >= 0) modelCounts[model] = (modelCounts[model] as number) + 1;
    if ((failed & ~STATE) === 0 && state >= 0) stateCounts[state] = (stateCounts[state] as number) + 1;
    if ((failed & ~RUN) === 0) for (const run of linked) runCounts[run] = (runCounts[run] as number) + 1;
    if ((failed & ~ALIAS) === 0) for (const alias of named) bump(aliases, alias);
    else for (const alias of named) if (!aliases.has(alias)) aliases.set(alias, 0);
  }
  const tally = (names: string[], counts: Uint32Array): Map<string, number> =>
    new Map(names.map((name, code) => [name, counts[code] as number]));
  const kept = rows.slice(0, shown);
  return {
    table,
    rows: kept,
    drawn: brushed ? drawn.slice(0, around) : kept,
    counts: {
      models: tally(models.values, modelCounts),
      states: tally(states.values, stateCounts),
      runs: tally(runNames, runCounts),
      aliases,
    },
    hidden: why,
  };
}
