/** Tables with a given lineage, for the tests. */
import { buildTable, type Table } from "../columns";
import { code, metric, samplePayload } from "../testing";

export interface Made {
  /** "digits:3". */
  id: string;
  parents?: string[];
  relations?: string[];
  runs?: string[];
  step?: number;
  data?: string[];
}

/** Datasets are written "name/split". */
export function tableOf(versions: readonly Made[]): Table {
  const payload = samplePayload();
  const of = <T>(value: (version: Made, row: number) => T): T[] => versions.map(value);
  const runs = [...new Set(versions.flatMap((version) => version.runs ?? []))];
  const data = [...new Set(versions.flatMap((version) => version.data ?? []))];
  payload.runs = runs;
  payload.datasets = data.map((text) => ({ name: text.split("/")[0] ?? "", digest: null, split: text.split("/")[1] ?? "" }));
  payload.columns = {
    ...payload.columns,
    id: of((version) => version.id),
    model: code(of((version) => version.id.split(":")[0] ?? "")),
    number: of((version) => Number(version.id.split(":")[1])),
    semantic_version: of(() => null),
    description: of(() => null),
    aliases: of(() => []),
    created: of((_, row) => 1e12 + row),
    run: of((version) => runs.indexOf(version.runs?.[0] ?? "")),
    runs: of((version) => (version.runs ?? []).map((run) => runs.indexOf(run))),
    run_known: of(() => true),
    step: of((version) => version.step ?? null),
    size: of(() => null),
    parameters: of(() => null),
    digest: of(() => null),
    state: code(of(() => "present")),
    notice: of(() => null),
    parents: of((version) => version.parents ?? []),
    relations: of((version) => version.relations ?? (version.parents ?? []).map(() => "made from")),
    datasets: of((version) => (version.data ?? []).map((text) => data.indexOf(text))),
    recipe: of(() => -1),
    seeds: of(() => -1),
    framework: code(of(() => null)),
  };
  payload.metrics = [
    metric(
      "val_loss",
      "min",
      of((_, row) => row),
    ),
  ];
  payload.hyperparameters = [];
  payload.labels = [];
  return buildTable(payload);
}

export const allRows = (table: Table): Uint32Array => Uint32Array.from({ length: table.count }, (_, row) => row);
