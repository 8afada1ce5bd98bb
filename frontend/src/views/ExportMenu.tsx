/** The button that takes what is shown out of TensorBoard: as a page that opens anywhere, or as a table. */
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { ExportQuestion } from "../api/api";
import { copyText } from "../host/clipboard";
import { type Chosen, exportCommand, filterOf, MOST_EXPORTED, TABLES } from "../model/exporting";
import { formatCount } from "../model/format";
import type { Store } from "../state/store";
import { useStore } from "./context";
import { Popover } from "./Popover";

const counted = (count: number, word: string, one = "version"): string => `${word}${formatCount(count)} ${one}${count === 1 ? "" : "s"}`;

function comparedOf(members: string[]): Chosen {
  const runs = members.filter((member) => member.startsWith("run:")).length;
  const versions = members.length - runs;
  const words = [versions > 0 && counted(versions, ""), runs > 0 && counted(runs, "", "run")].filter(Boolean).join(" and ");
  return { refs: members, filter: null, count: versions, words: `The comparison of ${words}` };
}

/** The comparison; else the selected versions, else those that the filter leaves, else all. */
function chosenOf(store: Store): Chosen {
  const { compare, q, models, aliases, runs, states } = store.view.value;
  const table = store.table.value;
  if (compare.length > 0 || !table) return comparedOf(compare);
  const selected = [...store.selected.value].filter((id) => table.indexOf.has(id));
  if (selected.length > 0)
    return { refs: selected, filter: null, count: selected.length, words: counted(selected.length, "", "selected version") };
  if (!store.filtering.value) return { refs: [], filter: "", count: table.count, words: counted(table.count, "All ") };
  const shown = Array.from(store.sorted.value, (row) => table.ids[row] as string);
  const filter = filterOf(q, { models, aliases, runs, states });
  return { refs: shown, filter, count: shown.length, words: `${counted(shown.length, "")} that the filter leaves` };
}

/** By reference, else by a filter that finds the same. */
function addressOf(store: Store, format: ExportQuestion["format"], { refs, filter, count }: Chosen): string | null {
  if (count > MOST_EXPORTED) return null;
  const view = format === "html" ? store.hash() : "";
  const exact = store.api.exportAddress({ format, refs, filter: "", view });
  return exact ?? (filter === null ? null : store.api.exportAddress({ format, refs: [], filter, view }));
}

function Ways({ store, chosen, close }: { store: Store; chosen: Chosen; close(): void }): ComponentChildren {
  const page = addressOf(store, "html", chosen);
  if (page === null) return <TooMany store={store} chosen={chosen} />;
  return (
    <>
      <a class="export-way" href={page} download onClick={close}>
        <b>This page as one HTML file</b>
        <span class="dim">Table, filters, charts, details and comparisons; opens anywhere, without a server</span>
      </a>
      <p class="export-tables">
        <span class="dim">Only the table:</span>
        {TABLES.map(({ format, label }) => (
          <a key={format} href={addressOf(store, format, chosen) ?? undefined} download onClick={close}>
            {label}
          </a>
        ))}
      </p>
      <p class="dim small export-privacy">
        Left out: names of machines and people, absolute paths, uncommitted changes, passwords and tokens. <code>tb-versions export</code>{" "}
        can include more, or take out more.
      </p>
    </>
  );
}

function TooMany({ store, chosen }: { store: Store; chosen: Chosen }): ComponentChildren {
  const folders = store.table.value?.payload.looked_in ?? [];
  const command = exportCommand(folders, { format: "html", refs: [], filter: chosen.filter ?? "", view: "" });
  const [copied, setCopied] = useState(false);
  return (
    <>
      <p>These are too many for one download. Select fewer, or let the command line do it:</p>
      <p>
        <code>{command}</code>
      </p>
      <button type="button" class="button" onClick={() => void copyText(command).then(setCopied)}>
        <span role="status">{copied ? "Copied" : "Copy"}</span>
      </button>
    </>
  );
}

function Exporting({ anchor, close }: { anchor: HTMLElement; close(): void }): ComponentChildren {
  const store = useStore();
  const chosen = chosenOf(store);
  return (
    <Popover anchor={anchor} label="Export" role="dialog" close={close} class="problems exporting">
      <h2>Export</h2>
      <p>{chosen.words}</p>
      {(chosen.count > 0 || chosen.refs.length > 0) && <Ways store={store} chosen={chosen} close={close} />}
    </Popover>
  );
}

/** Not in an export, which is one already. */
export function ExportButton(): ComponentChildren {
  const store = useStore();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  if (store.exported) return null;
  return (
    <>
      <button
        ref={button}
        type="button"
        class="button"
        aria-haspopup="dialog"
        aria-expanded={open}
        title="Save what is shown as a page that opens anywhere, or as a table"
        onClick={() => setOpen(!open)}
      >
        Export
      </button>
      {open && button.current && <Exporting anchor={button.current} close={() => setOpen(false)} />}
    </>
  );
}
