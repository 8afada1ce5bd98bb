/** The filter: a text field with the words coloured, suggestions below, and errors at the place where they are. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../elements/Icon";
import { type Completion, complete } from "../model/query/complete";
import type { QueryError } from "../model/query/parse";
import { tokenize } from "../model/query/tokens";
import { useStore } from "./context";

const NONE: Completion = { from: 0, to: 0, items: [] };
const OPTION = "filter-option-";

/** The coloured text behind the field, whose own text is transparent. */
function Coloured({ text, error }: { text: string; error: QueryError | null }): ComponentChildren {
  const parts: ComponentChildren[] = [];
  const tokens = tokenize(text);
  let at = 0;
  tokens.forEach((token, i) => {
    if (token.at > at) parts.push(text.slice(at, token.at));
    const next = tokens[i + 1];
    const named = next && (next.kind === "op" || (next.kind === "word" && next.text.toLowerCase() === "in"));
    const keyword = token.kind === "word" && /^(and|or|not|in|has|missing)$/i.test(token.text) && !named;
    const kind = keyword ? "key" : named ? "name" : token.kind === "string" ? "string" : "";
    const wrong = error && token.at < error.end && token.end > error.at ? " wrong" : "";
    parts.push(<span class={kind + wrong}>{text.slice(token.at, token.end)}</span>);
    at = token.end;
  });
  return parts;
}

function ErrorLine({ error, inForce, fix }: { error: QueryError; inForce: string; fix(error: QueryError): void }): ComponentChildren {
  return (
    <div class="query-error" id="filter-error" role="status">
      {error.at > 0 && (
        <span class="pointer" aria-hidden="true">
          {" ".repeat(error.at)}▲
        </span>
      )}
      <span>
        <span class="words">
          <bdi>{error.message}</bdi>
        </span>
        {error.fix !== null && (
          <button type="button" class="plain link" onClick={() => fix(error)}>
            Use {error.fix.trim()}
          </button>
        )}{" "}
        <span class="dim">
          {inForce === "" ? "Until then no filter is in force." : "Until then the last good filter stays: "}
          {inForce !== "" && <code>{inForce}</code>}
        </span>
      </span>
    </div>
  );
}

function HintLine({ hint, fix }: { hint: QueryError; fix(hint: QueryError): void }): ComponentChildren {
  return (
    <div class="query-hint" role="status">
      <bdi>{hint.message}</bdi>
      <button type="button" class="plain link" onClick={() => fix(hint)}>
        Use {hint.fix}
      </button>
    </div>
  );
}

export function FilterInput(): ComponentChildren {
  const store = useStore();
  const input = useRef<HTMLInputElement>(null);
  const paint = useRef<HTMLDivElement>(null);
  const completion = useSignal<Completion>(NONE);
  const active = useSignal(-1);
  const { error, hint, inForce } = store.rows.query.value;
  const text = store.view.q.value;
  const waits = error === null && text.trim() !== inForce.trim();

  const show = (): void => {
    const field = input.current;
    const table = store.table.value;
    if (!field || !table) return;
    const caret = field.selectionStart ?? field.value.length;
    completion.value = field.selectionEnd === caret ? complete(field.value, caret, table) : NONE;
    active.value = -1;
  };
  const hide = (): void => {
    completion.value = NONE;
    active.value = -1;
  };
  const put = (from: number, to: number, insert: string): void => {
    const space = /\($/.test(insert) ? "" : " ";
    const next = `${text.slice(0, from)}${insert}${space}${text.slice(to).trimStart()}`;
    const caret = from + insert.length + space.length;
    const field = input.current;
    if (!field) return;
    // Written at once and not with the next render: a key may come before that.
    field.value = next;
    field.focus();
    field.setSelectionRange(caret, caret);
    store.rows.write(next);
    show();
  };
  const use = ({ at, end, fix }: QueryError): void => put(at, end, fix ?? "");
  const accept = (index: number): void => {
    const item = completion.value.items[index];
    if (item) put(completion.value.from, completion.value.to, item.insert);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const count = completion.value.items.length;
    const open = count > 0;
    if (event.key === "ArrowDown" && !open) show();
    else if (event.key === "ArrowDown") active.value = (active.value + 1) % count;
    else if (event.key === "ArrowUp" && open)
      active.value = (active.value + count) % (count + 1) === count ? -1 : (active.value + count) % (count + 1);
    else if ((event.key === "Enter" || event.key === "Tab") && open && active.value >= 0) accept(active.value);
    else if (event.key === "Enter") {
      hide();
      store.rows.written();
      store.view.set({});
    } else if (event.key === "Escape" && open) hide();
    else if (event.key === "Escape" && text !== "") store.view.set({ q: "" });
    else return;
    event.preventDefault();
  };
  const syncScroll = (): void => {
    if (paint.current && input.current) paint.current.scrollLeft = input.current.scrollLeft;
  };
  useEffect(syncScroll);
  useEffect(() => {
    const slash = (event: KeyboardEvent): void => {
      const target = event.target as Element;
      if (event.key !== "/" || event.ctrlKey || event.metaKey || target.matches("input, textarea, select")) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", slash);
    return () => document.removeEventListener("keydown", slash);
  }, []);

  const { items } = completion.value;
  return (
    <div class="filter">
      <div class={error ? "field bad" : "field"}>
        <div class="paint" ref={paint} aria-hidden="true">
          <Coloured text={text} error={error} />
        </div>
        <input
          ref={input}
          type="text"
          role="combobox"
          spellcheck={false}
          autocomplete="off"
          maxLength={4000}
          placeholder={'Filter: a word, or val_accuracy > 0.9 and optimizer = "adam"'}
          aria-label="Filter versions"
          aria-autocomplete="list"
          aria-expanded={items.length > 0}
          aria-controls="filter-options"
          aria-activedescendant={active.value >= 0 ? OPTION + active.value : undefined}
          aria-invalid={error ? "true" : undefined}
          aria-describedby={error ? "filter-error" : undefined}
          value={text}
          onInput={(event) => {
            store.rows.write(event.currentTarget.value);
            show();
          }}
          onKeyDown={onKeyDown}
          onScroll={syncScroll}
          onClick={show}
          onBlur={() => {
            hide();
            store.rows.written();
          }}
        />
        {waits && (
          <kbd class="waits" title="The filter acts when its last word is finished, or with Enter">
            Enter ↵
          </kbd>
        )}
        {text !== "" && (
          <button type="button" class="plain clear" aria-label="Clear the filter text" onClick={() => store.view.set({ q: "" })}>
            <Icon name="close" />
          </button>
        )}
      </div>
      <div id="filter-options" class="options" role="listbox" aria-label="Suggestions" hidden={items.length === 0}>
        {items.map((item, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, aria-activedescendant points here
          <div
            key={item.label}
            id={OPTION + index}
            role="option"
            aria-selected={index === active.value}
            class={index === active.value ? "option active" : "option"}
            onMouseDown={(event) => {
              event.preventDefault();
              accept(index);
            }}
          >
            <bdi>{item.label}</bdi>
            <span class="dim">{item.hint}</span>
          </div>
        ))}
      </div>
      {error && <ErrorLine error={error} inForce={inForce} fix={use} />}
      {!error && hint && <HintLine hint={hint} fix={use} />}
    </div>
  );
}
