/** SavedModels without a manifest: where they are, and how to make versions of them. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Popover } from "../elements/Popover";
import { formatCount } from "../model/format";
import { registerSnippet } from "../model/snippets";
import { useStore } from "./context";
import { Snippet } from "./Snippet";

const MOST = 20;

/** "3 SavedModels without a manifest", and all about them on a click. */
export function Unregistered(): ComponentChildren {
  const payload = useStore().table.value?.payload;
  const open = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const count = payload?.unregistered ?? 0;
  if (count === 0) return null;
  const folders = payload?.unregistered_in ?? [];
  return (
    <span>
      <button
        ref={button}
        type="button"
        class="plain link"
        aria-haspopup="dialog"
        aria-expanded={open.value}
        onClick={() => void (open.value = !open.value)}
      >
        {formatCount(count)} {count === 1 ? "SavedModel" : "SavedModels"} without a manifest
      </button>
      {open.value && button.current && (
        <Popover
          anchor={button.current}
          label="SavedModels without a manifest"
          role="dialog"
          close={() => void (open.value = false)}
          class="problems"
        >
          <h2>SavedModels without a manifest</h2>
          <ul>
            {folders.slice(0, MOST).map((folder) => (
              <li key={folder}>
                <code>
                  <bdi>{folder}</bdi>
                </code>
              </li>
            ))}
          </ul>
          {count > Math.min(MOST, folders.length) && folders.length > 0 && (
            <p class="dim">and {formatCount(count - Math.min(MOST, folders.length))} more</p>
          )}
          <p>This makes a version of a folder. It writes a manifest into it and changes nothing else:</p>
          <Snippet text={registerSnippet(folders[0] ?? "models/digits/7")} />
        </Popover>
      )}
    </span>
  );
}
