/**
 * What the row model costs without a browser: one JSON line per figure.
 *
 *   node bench/table.mjs [rows ...]        (default: 10000 100000)
 *
 * With @tanstack/table-core installed beside it (it is no dependency of ours) the same work is measured there too.
 */
import { createServer } from "vite";

const METRICS = 20;
const HYPERPARAMETERS = 20;
const REPEATS = 7;

let seed = 1;
const random = () => {
  seed = (seed * 1664525 + 1013904223) % 4294967296;
  return seed / 4294967296;
};
const fill = (count, make) => Array.from({ length: count }, (_, row) => make(row));
const coded = (values, codes) => ({ values, codes });

function payload(rows) {
  const runs = fill(Math.min(rows, 400), (run) => `sweep/run-${run}`);
  const models = ["digits", "churn", "tiny"];
  return {
    schema_version: 1,
    revision: "bench",
    status: "ready",
    looked_in: [],
    problems: [],
    unregistered: 0,
    runs,
    columns: {
      id: fill(rows, (row) => `${models[row % 3]}:${row}`),
      model: coded(
        models,
        fill(rows, (row) => row % 3),
      ),
      number: fill(rows, (row) => row),
      semantic_version: fill(rows, () => null),
      description: fill(rows, () => "Trained with augmentation"),
      aliases: fill(rows, () => []),
      created: fill(rows, () => Math.floor(random() * 1e12)),
      run: fill(rows, (row) => row % runs.length),
      runs: fill(rows, (row) => [row % runs.length]),
      run_known: fill(rows, () => true),
      step: fill(rows, () => Math.floor(random() * 1e4)),
      size: fill(rows, () => Math.floor(random() * 1e8)),
      parameters: fill(rows, () => 118282),
      digest: fill(rows, (row) => row.toString(16).padStart(12, "0")),
      state: coded(
        ["present"],
        fill(rows, () => 0),
      ),
      notice: fill(rows, () => null),
      parents: fill(rows, () => []),
      framework: coded(
        ["TensorFlow 2.21.0"],
        fill(rows, () => 0),
      ),
    },
    metrics: fill(METRICS, (metric) => ({
      key: `metric_${metric}`,
      name: `metric_${metric}`,
      dataset: "",
      slice: "",
      goal: metric % 2 ? "max" : "min",
      goal_source: "inferred",
      at_export: fill(rows, () => Number(random().toPrecision(9))),
      source: coded(
        ["log"],
        fill(rows, () => 0),
      ),
    })),
    hyperparameters: fill(HYPERPARAMETERS, (index) => ({
      name: `hp_${index}`,
      values: fill(rows, (row) => (index % 2 ? random() : `choice-${(row * 7) % 50}`)),
    })),
    labels: [],
  };
}

/** CPU time beside the clock's: on a busy machine only the former compares. */
function report(figure, rows, run) {
  const times = fill(REPEATS, () => {
    const cpu = process.cpuUsage();
    const start = performance.now();
    run();
    const wall = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    return { wall, cpu: (user + system) / 1000 };
  });
  const sorted = (of) => times.map(of).sort((a, b) => a - b);
  const ms = (value) => Number(value.toFixed(2));
  const wall = sorted((time) => time.wall);
  const middle = REPEATS >> 1;
  const line = {
    figure,
    rows,
    columns: 5 + METRICS + HYPERPARAMETERS,
    median_ms: ms(wall[middle]),
    worst_ms: ms(wall.at(-1)),
    cpu_ms: ms(sorted((time) => time.cpu)[middle]),
  };
  console.log(JSON.stringify(line));
}

const NO_FACETS = { models: [], aliases: [], runs: [], states: [] };

async function ours(load, rows) {
  const [columns, sort, shown, group, query] = await Promise.all(
    ["columns", "sort", "rows", "group", "query/compile"].map((name) => load(`/src/model/${name}.ts`)),
  );
  const source = payload(rows);
  const text = JSON.stringify(source);
  report("parse the answer", rows, () => JSON.parse(text));
  report("columns from the payload", rows, () => columns.buildTable(source));
  const table = columns.buildTable(source);
  const all = shown.showRows(table, null, NO_FACETS).rows;
  const keys = ["m:metric_1", "hp:hp_0", "created"];
  for (const id of keys) {
    report(`first sort by ${id}`, rows, () => sort.sortRows(columns.buildTable(source), all.slice(), [{ id, desc: true }]));
    report(`sort by ${id} again`, rows, () => sort.sortRows(table, all.slice(), [{ id, desc: false }]));
  }
  report("filter with three conditions", rows, () => {
    const compiled = query.compile('metric_1 > 0.5 and hp_0 = "choice-7" or hp_1 < 0.1', table, 0);
    shown.showRows(table, compiled.predicate, NO_FACETS);
  });
  const word = query.compile("augmentation", table, 0).predicate;
  report("search a word", rows, () => shown.showRows(table, word, NO_FACETS));
  report("group by run", rows, () => group.groupRows(table, all, "run", new Set()));
}

async function tanstack(rows) {
  let core;
  try {
    core = await import("@tanstack/table-core");
  } catch {
    return;
  }
  const { bench } = await import("./tanstack.mjs");
  bench(core, payload(rows), (figure, run) => report(`TanStack: ${figure}`, rows, run));
}

const sizes = process.argv.slice(2).map(Number);
const server = await createServer({
  configFile: false,
  root: new URL("..", import.meta.url).pathname,
  server: { middlewareMode: true, ws: false },
  appType: "custom",
  logLevel: "error",
});
for (const rows of sizes.length ? sizes : [10_000, 100_000]) {
  await ours((path) => server.ssrLoadModule(path), rows);
  await tanstack(rows);
}
await server.close();
