/** The button that takes what is shown out of TensorBoard: as a page that opens anywhere, or as a table. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ExportQuestion } from "../api/api";
import { Popover } from "../elements/Popover";
import { copyText } from "../host/clipboard";
import type { Table } from "../model/columns";
import { csvOf, type Detailed } from "../model/csv";
import { type Chosen, exportCommand, fileName, filterOf, MOST_EXPORTED, TABLES } from "../model/exporting";
import { formatCount } from "../model/format";
import { askedWhich } from "../model/windows/question";
import type { Store } from "../state/store";
import { useStore } from "./context";

const counted = (count: number, word: string, one = "version"): string => `${word}${formatCount(count)} ${one}${count === 1 ? "" : "s"}`;

function comparedOf(members: string[]): Chosen {
  const runs = members.filter((member) => member.startsWith("run:")).length;
  const versions = members.length - runs;
  const words = [versions > 0 && counted(versions, ""), runs > 0 && counted(runs, "", "run")].filter(Boolean).join(" and ");
  return { refs: members, filter: null, count: versions, words: `The comparison of ${words}` };
}

/** The comparison; else the selected versions, else those that the filter leaves, else all. */
function chosenOf(store: Store): Chosen {
  const { compare, models, aliases, runs, states, brush } = store.view.value;
  const table = store.table.value;
  if (compare.length > 0 || !table) return comparedOf(compare);
  const isPart = table.isPart;
  const selected = [...store.view.selected.value].filter((id) => isPart || table.indexOf.has(id));
  if (selected.length > 0)
    return { refs: selected, filter: null, count: selected.length, words: counted(selected.length, "", "selected version") };
  const total = store.rows.total.value;
  if (!store.rows.filtering.value) return { refs: [], filter: "", count: total, words: counted(total, "All ") };
  // The filter language has no words for the ranges of the charts.
  const filter = brush.length > 0 ? null : filterOf(store.rows.query.value.inForce, { models, aliases, runs, states });
  const answer = store.windowed.shown.value;
  if (answer) {
    const words = `${counted(answer.found, "")} that the filter leaves`;
    return { refs: [], filter, which: askedWhich(answer.question), count: answer.found, words };
  }
  const shown = Array.from(store.rows.sorted.value, (row) => table.ids[row] as string);
  return { refs: shown, filter, count: shown.length, words: `${counted(shown.length, "")} that the filter leaves` };
}

/** By reference, else by a filter that finds the same. */
function addressOf(store: Store, format: ExportQuestion["format"], { refs, filter, which, count }: Chosen): string | null {
  if (count > MOST_EXPORTED) return null;
  const view = format === "html" ? store.view.hash() : "";
  if (which) return store.api.exportAddress({ format, refs, filter: "", which, view });
  const exact = store.api.exportAddress({ format, refs, filter: "", view });
  return exact ?? (filter === null ? null : store.api.exportAddress({ format, refs: [], filter, view }));
}

/** Of the versions that are exported, in the order of the table. */
function modelsOf(store: Store, { refs }: Pick<Chosen, "refs">): string[] {
  // Which models a filter leaves of very many versions is not known here.
  if (store.windowed.isOn.value && refs.length === 0) return store.view.value.models;
  const { values, codes } = store.table.value?.payload.columns.model ?? { values: [], codes: [] };
  const rows = refs.map((ref) => store.table.value?.indexOf.get(ref)).filter((row) => row !== undefined);
  const all = refs.length > 0 ? new Set(rows.map((row) => codes[row] as number)) : values.keys();
  return [...all].map((code) => values[code] ?? "");
}

/** Saves the file under this name. An error is shown here and not on a page of its own. */
async function saveAs(file: Promise<Blob>, name: string): Promise<void> {
  const url = URL.createObjectURL(await file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

interface WaysProps {
  store: Store;
  chosen: Chosen;
  close(): void;
  say(words: string): void;
}

/** The same on the command line: what it says is what the page would be. */
function Command({ store, chosen, out }: { store: Store; chosen: Chosen; out: string }): ComponentChildren {
  const folders = store.table.value?.payload.looked_in ?? [];
  const question = { format: "html" as const, view: store.view.hash() };
  const exact = chosen.which ? null : exportCommand(folders, { ...question, refs: chosen.refs, filter: "" }, out);
  const command = exact ?? (chosen.filter === null ? null : exportCommand(folders, { ...question, refs: [], filter: chosen.filter }, out));
  const [copied, setCopied] = useState(false);
  if (command === null) return null;
  return (
    <div class="export-command">
      <p class="dim small">The same on the command line, where TensorBoard was started; another ending of the file is another format:</p>
      <pre>
        <code>{command}</code>
      </pre>
      <button type="button" class="button" onClick={() => void copyText(command).then(setCopied)}>
        <span role="status">{copied ? "Copied" : "Copy command"}</span>
      </button>
    </div>
  );
}

function Ways({ store, chosen, close, say }: WaysProps): ComponentChildren {
  const page = addressOf(store, "html", chosen);
  if (page === null) return <TooMany store={store} chosen={chosen} />;
  const models = modelsOf(store, chosen);
  const way = (format: ExportQuestion["format"]) => {
    const href = addressOf(store, format, chosen) ?? undefined;
    const download = fileName(format, store.view.value.compare, models);
    const onClick = (event: MouseEvent): void => {
      close();
      if (href === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      say(`Making ${download} …`);
      saveAs(store.api.file(href), download).then(
        () => say(`Saved as ${download}`),
        (reason) => say(reason instanceof Error ? reason.message : `${download} could not be saved.`),
      );
    };
    return { href, download, onClick };
  };
  return (
    <>
      <a class="export-way" {...way("html")}>
        <b>This page as one HTML file</b>
        <span class="dim">Table, filters, charts, details and comparisons; opens anywhere, without a server</span>
      </a>
      <p class="export-tables">
        <span class="dim">Only the table:</span>
        {TABLES.map(({ format, label }) => (
          <a key={format} {...way(format)}>
            {label}
          </a>
        ))}
      </p>
      <p class="dim small export-privacy">
        Left out: names of machines and people, absolute paths, uncommitted changes, passwords and tokens. <code>tb-versions export</code>{" "}
        can include more, or take out more.
      </p>
      <Command store={store} chosen={chosen} out={fileName("html", store.view.value.compare, models)} />
    </>
  );
}

/** What is said where there is nothing to save. */
function Nothing({ store, close }: Pick<WaysProps, "store" | "close">): ComponentChildren {
  if (!store.rows.filtering.value) return <p>There is no version yet, so there is nothing to save.</p>;
  const clear = (): void => {
    close();
    store.view.clearFilters();
  };
  return (
    <>
      <p>The filter leaves no version, so there is nothing to save.</p>
      <button type="button" class="button" onClick={clear}>
        Clear filter
      </button>
    </>
  );
}

function TooMany({ store, chosen }: { store: Store; chosen: Chosen }): ComponentChildren {
  const folders = store.table.value?.payload.looked_in ?? [];
  const command = exportCommand(folders, { format: "html", refs: [], filter: chosen.filter ?? "", view: "" }, "share.html") ?? "";
  const [copied, setCopied] = useState(false);
  if (chosen.which && chosen.filter === null)
    return <p>These are too many for one download. Filter or select fewer; the command line has no words for the charts' ranges.</p>;
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

function Exporting({ anchor, close, say }: { anchor: HTMLElement } & Pick<WaysProps, "close" | "say">): ComponentChildren {
  const store = useStore();
  const chosen = chosenOf(store);
  const some = chosen.count > 0 || chosen.refs.length > 0;
  return (
    <Popover anchor={anchor} label="Export" role="dialog" close={close} class="problems exporting">
      <h2>Export</h2>
      {some && <p>{chosen.words}</p>}
      {some ? <Ways store={store} chosen={chosen} close={close} say={say} /> : <Nothing store={store} close={close} />}
    </Popover>
  );
}

const SAID_MS = 6000;

/** A sentence that goes after a while, unless it says that something is being done. */
function usePassing(): [string, (words: string) => void] {
  const [said, say] = useState("");
  useEffect(() => {
    if (said === "" || said.endsWith("…")) return;
    const timer = setTimeout(() => say(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return [said, say];
}

/** An export has no such button; see `CsvButton`. */
export function ExportButton(): ComponentChildren {
  const store = useStore();
  const [open, setOpen] = useState(false);
  const [said, say] = usePassing();
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
      {open && button.current && <Exporting anchor={button.current} close={() => setOpen(false)} say={say} />}
      <div class="toast" role="status">
        {said && <bdi>{said}</bdi>}
      </div>
    </>
  );
}

/** The shown rows, or those of them that are selected, as the table of `tb-versions export --format csv`. */
async function csvFile(store: Store, table: Table): Promise<Blob> {
  const selected = store.view.selected.value;
  const shown = [...store.rows.sorted.value];
  const some = shown.filter((row) => selected.has(table.ids[row] as string));
  const rows = some.length > 0 ? some : shown;
  const details: Detailed[] = [];
  for (const row of rows) {
    const { metrics, manifest } = await store.api.version(table.ids[row] as string);
    details.push({ metrics, digest: manifest?.digest ?? null });
  }
  return new Blob([csvOf(table, rows, details)], { type: "text/csv;charset=utf-8" });
}

/** In an export, which has no server: the table that is shown, made by the page itself. */
export function CsvButton(): ComponentChildren {
  const store = useStore();
  const [said, say] = usePassing();
  const table = store.table.value;
  if (!store.exported || !table) return null;
  const name = fileName("csv", [], modelsOf(store, { refs: [] }));
  const save = (): void => {
    say(`Making ${name} …`);
    saveAs(csvFile(store, table), name).then(
      () => say(`Saved as ${name}`),
      (reason) => say(reason instanceof Error ? reason.message : `${name} could not be saved.`),
    );
  };
  return (
    <>
      <button type="button" class="button" title="Save the versions that are shown, or those that are selected, as a table" onClick={save}>
        CSV
      </button>
      <div class="toast" role="status">
        {said && <bdi>{said}</bdi>}
      </div>
    </>
  );
}
