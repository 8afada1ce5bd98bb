/** Below the table: what is shown, what is not and why, and how current it is. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { Head } from "../api/head";
import type { Problem } from "../api/types";
import { Popover } from "../elements/Popover";
import { alike } from "../model/alike";
import { formatCount, formatDate } from "../model/format";
import { currencyOf } from "../model/place";
import { DEPRECATED, REMOVED } from "../model/registry/hiding";
import { standingWords } from "../model/windows/words";
import { useStore } from "./context";
import { SourceLegend } from "./SourceLegend";
import { Unregistered } from "./Unregistered";

const STALE_MS = 20_000;

/** Sentences, and places that each names. */
const [MOST_PROBLEMS, MOST_PLACES] = [200, 20];

const plural = (count: number, one: string, many: string): string => `${formatCount(count)} ${count === 1 ? one : many}`;

function Problems({ problems, anchor, close }: { problems: Problem[]; anchor: HTMLElement; close(): void }): ComponentChildren {
  const groups = alike(problems, ({ reason }) => reason);
  return (
    <Popover anchor={anchor} label="Problems" role="dialog" close={close} class="problems">
      <h2>What could not be read</h2>
      <ul>
        {groups.slice(0, MOST_PROBLEMS).map((group) => (
          <li key={group[0]?.reason}>
            {group.length > 1 && <b>{formatCount(group.length)} places: </b>}
            {group.slice(0, MOST_PLACES).map(({ where }, at) => (
              <span key={at}>
                {at > 0 && ", "}
                <code>
                  <bdi>{where}</bdi>
                </code>
              </span>
            ))}
            {group.length > MOST_PLACES && ` and ${formatCount(group.length - MOST_PLACES)} more`}
            <p>
              <bdi>{group[0]?.reason}</bdi>
            </p>
          </li>
        ))}
      </ul>
      {groups.length > MOST_PROBLEMS && <p class="dim">and {formatCount(groups.length - MOST_PROBLEMS)} more</p>}
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
  const why = store.rows.tally.value.hidden;
  const [deprecated, removed] = [why[DEPRECATED] ?? 0, why[REMOVED] ?? 0];
  const set = (withdrawn: boolean): void => store.view.set({ withdrawn });
  if (store.view.withdrawn.value && (store.registry.exists.value || store.windowed.isOn.value)) {
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
  // Of very many rows it is not known here whether a ticked one is still there.
  for (const id of store.view.selected.value) if (table?.isPart || table?.indexOf.has(id)) count++;
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

/** Why not everything was ticked. */
function Notice(): ComponentChildren {
  const words = useStore().selecting.notice.value;
  return (
    <span role="status" class={words ? "warn" : "vh"}>
      {words}
    </span>
  );
}

/** Where the rows are from a table: how old it is, and what was read beside it. */
function Indexed(): ComponentChildren {
  const store = useStore();
  const standing = store.windowed.standing.value;
  if (!standing) return null;
  const words = standingWords(standing, store.minute.value);
  return (
    <span title={standing.indexed === null ? undefined : `The table was last changed ${formatDate(standing.indexed)}`}>
      {words}
      {standing.problem && (
        <span class="warn">
          {" · "}
          <bdi>{standing.problem}</bdi>
        </span>
      )}
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
  const table = store.table.value;
  // Of very many rows those that are there have such marks or not.
  const there = table?.isPart ? Uint32Array.from(table.ids.keys()) : null;
  const rows = there ?? store.rows.shown.value?.rows ?? new Uint32Array(0);
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
  // Of some rows only, their number would be wrong.
  const damaged = code < 0 || table.isPart ? 0 : columns.state.codes.filter((each) => each === code).length;
  const { found, outside } = store.rows.tally.value;
  const total = store.rows.total.value;
  const all = plural(total, "version", "versions");
  return (
    <footer class="status">
      <span class="parts">
        <span>{found === total ? all : `${formatCount(found)} of ${all}`}</span>
        <Indexed />
        {outside > 0 && <span>{formatCount(outside)} outside of the charts' ranges</span>}
        <Hidden />
        <Selected />
        <Notice />
        <Why problems={problems} damaged={damaged} />
        <Unregistered />
        <Marks />
        {table.payload.metrics.length + (table.payload.registry?.measured.length ?? 0) > 0 && <SourceLegend />}
      </span>
      {store.exported ? <Exported head={store.exported} /> : <Currency />}
    </footer>
  );
}
