/** Above the table: filter, grouping, columns, and buttons for the selected versions. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Icon } from "../elements/Icon";
import { useOverflow } from "../elements/useOverflow";
import { copyText } from "../host/clipboard";
import type { Grouping } from "../model/group";
import { trainingOf } from "../model/trainings";
import type { Store } from "../state/store";
import { ColumnChooser } from "./ColumnChooser";
import { useStore } from "./context";
import { CsvButton, ExportButton } from "./ExportMenu";
import { FilterInput } from "./FilterInput";

const SAID_MS = 2000;

/** The trainings of the selected versions, each once and with all its runs that TensorBoard knows. */
function selectedTrainings(store: Store): string[][] {
  const table = store.table.value;
  if (!table) return [];
  const { columns, runs } = table.payload;
  const known = store.runs.position.value;
  const rows = [...store.view.selected.value].flatMap((id) => table.indexOf.get(id) ?? []).filter((row) => columns.run_known[row]);
  const names = rows.flatMap((row) => (columns.runs[row] ?? []).map((index) => runs[index] as string));
  const trainings = new Map(names.map((name) => [trainingOf(name), store.runs.parts(name)]));
  return [...trainings.values()]
    .map((parts) => (known.size > 0 ? parts.filter((run) => known.has(run)) : parts))
    .filter((each) => each.length > 0);
}

/** Leads to the training curves of the selected versions. */
function OpenRuns(): ComponentChildren {
  const store = useStore();
  const trainings = selectedTrainings(store);
  if (trainings.length === 0 || !store.runs.haveTimeSeries) return null;
  const runs = trainings.flat();
  return (
    <a class="button" {...store.runs.link(runs)} title={runs.slice(0, 20).join("\n")}>
      Open {trainings.length === 1 ? "run" : `${trainings.length} runs`} in Time Series
    </a>
  );
}

const MOST_COMPARED = 60;

function Compare(): ComponentChildren {
  const store = useStore();
  const table = store.table.value;
  const ids = [...store.view.selected.value].filter((id) => table?.indexOf.has(id));
  if (ids.length === 0) return null;
  const why = ids.length < 2 ? "Select one more version" : ids.length > MOST_COMPARED ? `At most ${MOST_COMPARED} can be compared` : "";
  return (
    <button
      type="button"
      class="button primary"
      disabled={why !== ""}
      title={why || "Curves and differences of the selected versions, side by side"}
      onClick={() => store.view.compare(ids)}
    >
      Compare {ids.length}
    </button>
  );
}

export function CopyLink(): ComponentChildren {
  const store = useStore();
  const said = useSignal("");
  const copy = async (): Promise<void> => {
    said.value = (await copyText(store.view.link())) ? "Link copied" : "Copying is not allowed here: use the address bar";
    setTimeout(() => void (said.value = ""), SAID_MS);
  };
  return (
    <button type="button" class="button" onClick={() => void copy()} title={store.place.copyLink}>
      <span role="status">{said.value || "Copy link"}</span>
    </button>
  );
}

export function Toolbar(): ComponentChildren {
  const store = useStore();
  const choosing = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const acts = useRef<HTMLDivElement>(null);
  useOverflow(acts, null, store.view.selected.value);
  return (
    <div class="toolbar">
      <button
        type="button"
        class="button icon"
        aria-label={store.side.value ? "Hide the filters" : "Show the filters"}
        aria-expanded={store.side.value}
        title={store.side.value ? "Hide the filters" : "Show the filters"}
        onClick={() => store.view.set({ side: !store.side.value }, false)}
      >
        <Icon name="menu" size={20} />
      </button>
      <FilterInput />
      <div ref={acts} class="toolbar-acts">
        <label class="select">
          <span>Group:</span>
          <select value={store.view.group.value} onChange={(event) => store.view.set({ group: event.currentTarget.value as Grouping })}>
            <option value="none">none</option>
            <option value="model">model</option>
            <option value="run">run</option>
          </select>
        </label>
        <button
          ref={button}
          type="button"
          class="button"
          aria-haspopup="dialog"
          aria-expanded={choosing.value}
          onClick={() => void (choosing.value = !choosing.value)}
        >
          Columns
        </button>
        <CopyLink />
        <ExportButton />
        <CsvButton />
        <Compare />
        <OpenRuns />
      </div>
      {choosing.value && button.current && <ColumnChooser anchor={button.current} close={() => void (choosing.value = false)} />}
    </div>
  );
}
