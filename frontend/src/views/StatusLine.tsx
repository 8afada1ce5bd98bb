/** Below the table: what is shown, what is not and why, and how current it is. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { Head } from "../api/head";
import type { Problem } from "../api/types";
import { Popover } from "../elements/Popover";
import { formatCount } from "../model/format";
import { currencyOf } from "../model/place";
import { DEPRECATED, REMOVED } from "../model/registry/hiding";
import { useStore } from "./context";
import { Unregistered } from "./Unregistered";

const STALE_MS = 20_000;

const plural = (count: number, one: string, many: string): string => `${formatCount(count)} ${count === 1 ? one : many}`;

function Problems({ problems, anchor, close }: { problems: Problem[]; anchor: HTMLElement; close(): void }): ComponentChildren {
  return (
    <Popover anchor={anchor} label="Problems" role="dialog" close={close} class="problems">
      <h2>What could not be read</h2>
      <ul>
        {problems.slice(0, 200).map((problem, index) => (
          <li key={index}>
            <code>
              <bdi>{problem.where}</bdi>
            </code>
            <p>
              <bdi>{problem.reason}</bdi>
            </p>
          </li>
        ))}
      </ul>
      {problems.length > 200 && <p class="dim">and {formatCount(problems.length - 200)} more</p>}
    </Popover>
  );
}

function Why({ problems, damaged }: { problems: Problem[]; damaged: number }): ComponentChildren {
  const open = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const other = Math.max(0, problems.length - damaged);
  const words = [
    damaged > 0 && plural(damaged, "damaged manifest", "damaged manifests"),
    other > 0 && plural(other, "problem", "problems"),
  ];
  if (!words.some(Boolean)) return null;
  return (
    <span>
      {words.filter(Boolean).join(" and ")}
      {problems.length > 0 && (
        <>
          {" "}
          (
          <button
            ref={button}
            type="button"
            class="plain link"
            aria-haspopup="dialog"
            aria-expanded={open.value}
            onClick={() => void (open.value = !open.value)}
          >
            why
          </button>
          )
        </>
      )}
      {open.value && button.current && <Problems problems={problems} anchor={button.current} close={() => void (open.value = false)} />}
    </span>
  );
}

/** Deprecated and removed versions are left out; a click shows them. */
function Hidden(): ComponentChildren {
  const store = useStore();
  const why = store.rows.shown.value?.hidden ?? [];
  const [deprecated, removed] = [why[DEPRECATED] ?? 0, why[REMOVED] ?? 0];
  const set = (withdrawn: boolean): void => store.view.set({ withdrawn });
  if (store.view.withdrawn.value && store.registry.exists.value) {
    return (
      <span>
        deprecated and removed shown{" · "}
        <button type="button" class="plain link" onClick={() => set(false)}>
          Hide
        </button>
      </span>
    );
  }
  if (deprecated + removed === 0) return null;
  const words = [deprecated > 0 && `${formatCount(deprecated)} deprecated`, removed > 0 && `${formatCount(removed)} removed`];
  return (
    <span>
      {words.filter(Boolean).join(", ")} hidden{" · "}
      <button type="button" class="plain link" onClick={() => set(true)}>
        Show
      </button>
    </span>
  );
}

function Selected(): ComponentChildren {
  const store = useStore();
  const table = store.table.value;
  let count = 0;
  for (const id of store.view.selected.value) if (table?.indexOf.has(id)) count++;
  if (count === 0) return null;
  return (
    <span>
      {formatCount(count)} selected{" "}
      <button type="button" class="plain link" onClick={() => store.view.select([])}>
        none
      </button>
    </span>
  );
}

/** An export does not get older. */
function Exported({ head }: { head: Head }): ComponentChildren {
  const words = currencyOf(head).join(" · ");
  return (
    <span class="currency still" title={words}>
      {words}
    </span>
  );
}

function Currency(): ComponentChildren {
  const store = useStore();
  const { phase, updated, scanning } = store.feed.live.state.value;
  const seconds = updated === null ? null : Math.max(0, Math.round((store.now.value - updated) / 1000));
  const ago =
    seconds === null
      ? ""
      : seconds < 2
        ? "updated just now"
        : seconds < 90
          ? `updated ${seconds} s ago`
          : `updated ${Math.round(seconds / 60)} min ago`;
  const live = phase === "live" && (updated === null || store.now.value - updated < STALE_MS);
  return (
    <span class="currency">
      {ago && `${ago} · `}
      <span class={live ? "live" : "paused"}>
        <span aria-hidden="true">●</span> {phase === "failing" ? "no answer" : scanning ? "reading folders" : live ? "live" : "paused"}
      </span>
    </span>
  );
}

/** What the marks beside the metrics mean, while there are any. */
function Marks(): ComponentChildren {
  const store = useStore();
  const metrics = store.columns.visible.value.filter((column) => column.metric !== null);
  const starred = [...store.columns.best.value.values()].some((best) => best.some((value) => !Number.isNaN(value)));
  const leads = new Set(store.columns.leads.value);
  const rows = store.rows.shown.value?.rows ?? new Uint32Array(0);
  const some = (marks: readonly unknown[] | null | undefined): boolean => marks != null && rows.some((row) => Boolean(marks[row]));
  const regretted = metrics.some(({ id, metric }) => id.startsWith("m:") && leads.has(metric?.key ?? null) && some(metric?.regret));
  const models = store.columns.models.value?.size ?? store.table.value?.payload.columns.model.values.length ?? 0;
  return (
    <>
      {starred && (
        <span class="marks">
          <span class="star" aria-hidden="true">
            ★
          </span>{" "}
          {models > 1 ? "best shown of its model" : "best shown"}
        </span>
      )}
      {metrics.some((column) => some(column.samples)) && (
        <span class="marks">
          <span class="sampled" aria-hidden="true">
            ≈
          </span>{" "}
          from a sample of the curve, may be wrong
        </span>
      )}
      {regretted && (
        <span class="marks">
          <span class="regret" aria-hidden="true">
            ▲
          </span>{" "}
          its run had a clearly better step
        </span>
      )}
    </>
  );
}

export function StatusLine(): ComponentChildren {
  const store = useStore();
  const table = store.table.value;
  if (!table) return <footer class="status" />;
  const { columns, problems } = table.payload;
  const code = columns.state.values.indexOf("damaged");
  const damaged = code < 0 ? 0 : columns.state.codes.filter((each) => each === code).length;
  const shown = store.rows.shown.value?.rows.length ?? 0;
  const outside = (store.rows.shown.value?.drawn.length ?? 0) - shown;
  const all = plural(table.count, "version", "versions");
  return (
    <footer class="status">
      <span class="parts">
        <span>{shown === table.count ? all : `${formatCount(shown)} of ${all}`}</span>
        {outside > 0 && <span>{formatCount(outside)} outside of the charts' ranges</span>}
        <Hidden />
        <Selected />
        <Why problems={problems} damaged={damaged} />
        <Unregistered />
        <Marks />
      </span>
      {store.exported ? <Exported head={store.exported} /> : <Currency />}
    </footer>
  );
}
