/** Above the table of an export: what it is called, what its author says, what it holds. */
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Head } from "../../api/head";
import { formatCount } from "../../model/format";
import type { Store } from "../../state/store";
import { Contents } from "./Contents";
import { Introduction } from "./Introduction";

const counted = (count: number, one: string): string => `${formatCount(count)} ${one}${count === 1 ? "" : "s"}`;

function ThemeButton({ store }: { store: Store }): ComponentChildren {
  const { dark } = store.host;
  const next = dark.value ? "light" : "dark";
  return (
    <button
      type="button"
      class="button icon export-theme"
      title={`Show it ${next}`}
      aria-label={`Show it ${next}`}
      onClick={() => void (dark.value = !dark.value)}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.4" />
        <path d="M8 1.8a6.2 6.2 0 0 1 0 12.4z" fill="currentColor" />
      </svg>
    </button>
  );
}

export function ExportHead({ store, head }: { store: Store; head: Head }): ComponentChildren {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const models = store.table.value?.payload.columns.model.values.length ?? 0;
  const holds = counted(head.versions, "version") + (models > 1 ? ` of ${counted(models, "model")}` : "");
  return (
    <header class="export-head">
      <div class="export-line">
        <h1 dir="auto">{head.title || "Versions"}</h1>
        <p class="dim">
          {holds}
          {head.runs.length > 0 && ` · ${counted(head.runs.length, "run")}`}
          {" · "}
          <button ref={button} type="button" class="plain link" aria-haspopup="dialog" aria-expanded={open} onClick={() => setOpen(!open)}>
            What this file holds
          </button>
        </p>
        <ThemeButton store={store} />
      </div>
      {head.introduction.trim() !== "" && <Introduction text={head.introduction} />}
      {open && button.current && <Contents head={head} holds={holds} anchor={button.current} close={() => setOpen(false)} />}
    </header>
  );
}
