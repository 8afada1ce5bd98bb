/** SavedModels without a manifest: where they are, and how to make versions of them. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Popover } from "../elements/Popover";
import { formatCount } from "../model/format";
import { adoptCommand } from "../model/snippets";
import { useStore } from "./context";
import { Snippet } from "./Snippet";

const MOST = 20;

/** Adopts all that lies in the folders that were looked in, where there is anything to adopt. */
function command(lookedIn: readonly { path: string; kind: string }[], folders: readonly string[]): string {
  const having = lookedIn.map(({ path }) => path).filter((path) => folders.some((folder) => folder.startsWith(path)));
  const logdir = lookedIn.find(({ kind }) => kind === "logdir")?.path ?? null;
  return adoptCommand(having.length > 0 ? having : folders.slice(0, 1), logdir);
}

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
          <p>This makes versions of them. It writes a manifest beside each and changes nothing else; --dry-run shows the plan:</p>
          <Snippet text={command(payload?.looked_in ?? [], folders)} />
          <p class="dim">Of folders that nobody may write to, --models-dir DIR puts the manifests elsewhere.</p>
        </Popover>
      )}
    </span>
  );
}
