/** The members of the comparison, its baseline, and links to other pages. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../elements/Icon";
import { useOverflow } from "../../elements/useOverflow";
import { baselineOf } from "../../model/registry/baseline";
import type { RunLink } from "../../model/runs";
import { ExportButton } from "../ExportMenu";
import { SourceLegend } from "../SourceLegend";
import { CopyLink } from "../Toolbar";
import { AddMember } from "./AddMember";
import type { PartProps } from "./part";

interface HeadProps extends PartProps {
  members: string[];
  runs: string[];
  tags: string[];
}

const MOST = 60;

/** "digits 12" for digits:12, "run mlp" for run:mlp. */
export function memberName(id: string): string {
  return id.replace(":", " ");
}

/** Time Series with exactly these runs, and the charts of this page pinned. */
function timeSeries(link: RunLink, tags: string[]): RunLink {
  const pinned = JSON.stringify(tags.slice(0, 10).map((tag) => ({ plugin: "scalars", tag })));
  if (!link.href.includes("?runFilter=")) return link;
  return { ...link, href: link.href.replace(/#timeseries$/, `&pinnedCards=${encodeURIComponent(pinned)}#timeseries`) };
}

/** Where TensorBoard has hyperparameters. Its HParams tab takes no choice of runs from an address, and the title says so. */
function HParams({ store }: Pick<PartProps, "store">): ComponentChildren {
  const [offered, setOffered] = useState(false);
  useEffect(() => {
    let current = true;
    void store.api.hasHparams().then((has) => current && setOffered(has));
    return () => {
      current = false;
    };
  }, [store]);
  if (!offered) return null;
  return (
    <a
      class="button"
      href={store.host.address("#hparams")}
      target="_parent"
      title="TensorBoard's HParams shows all runs, each with its last values: it can't be opened with these runs only"
    >
      HParams
    </a>
  );
}

export function Head({ store, look, setLook, colors, members, runs, tags }: HeadProps): ComponentChildren {
  const [adding, setAdding] = useState(false);
  const add = useRef<HTMLButtonElement>(null);
  const [list, ways] = [useRef<HTMLUListElement>(null), useRef<HTMLSpanElement>(null)];
  useOverflow(list, null, members);
  useOverflow(ways, null, members);
  const base = baselineOf(store.table.value, members, look.base) ?? members[0];
  const remove = (id: string): void => {
    const rest = members.filter((each) => each !== id);
    store.view.set({ compare: rest, look: id === look.base ? { ...store.view.peek().look, base: "" } : store.view.peek().look });
    add.current?.focus();
  };
  return (
    <header class="cmp-head">
      <button type="button" class="button" onClick={() => store.view.compare([])}>
        <Icon name="back" />
        &nbsp;Versions
      </button>
      <h2>Compare</h2>
      <ul ref={list} class="cmp-members" aria-label="What is compared">
        {members.map((id) => (
          <li key={id} class={id === base ? "cmp-member base" : "cmp-member"}>
            <span class="dot" style={colors.has(id) ? { background: colors.get(id) as string } : undefined} />
            <bdi title={id}>{memberName(id)}</bdi>
            <button
              type="button"
              class="plain cmp-remove"
              aria-label={`Remove ${memberName(id)}`}
              title="Remove"
              onClick={() => remove(id)}
            >
              <Icon name="close" size={16} />
            </button>
          </li>
        ))}
        <li>
          <button
            ref={add}
            type="button"
            class="button"
            aria-haspopup="dialog"
            aria-expanded={adding}
            disabled={members.length >= MOST}
            onClick={() => setAdding(!adding)}
          >
            + add version or run
          </button>
        </li>
      </ul>
      <span ref={ways} class="cmp-ways">
        {members.length > 1 && (
          <label class="select">
            <span>Baseline:</span>
            <select value={base} onChange={(event) => setLook({ base: event.currentTarget.value })}>
              {members.map((id) => (
                <option key={id} value={id}>
                  {memberName(id)}
                </option>
              ))}
            </select>
          </label>
        )}
        {runs.length > 0 && store.runs.haveTimeSeries && (
          <a class="button" {...timeSeries(store.runs.link(runs), tags)} title={runs.slice(0, 20).join("\n")}>
            Open in Time Series
          </a>
        )}
        {store.runs.haveTimeSeries && <HParams store={store} />}
        <CopyLink />
        <ExportButton />
        <SourceLegend look="button" />
      </span>
      {adding && add.current && (
        <AddMember
          store={store}
          members={members}
          anchor={add.current}
          close={() => setAdding(false)}
          add={(id) => store.view.set({ compare: [...members, id] })}
        />
      )}
    </header>
  );
}
