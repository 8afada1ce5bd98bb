/** Lines to paste, with a button that copies them. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { copyText } from "../host/clipboard";

const SAID_MS = 2000;

export function Snippet({ text }: { text: string }): ComponentChildren {
  const done = useSignal(false);
  const copy = async (): Promise<void> => {
    done.value = await copyText(text);
    setTimeout(() => void (done.value = false), SAID_MS);
  };
  return (
    <div class="snippet">
      <div class="snippet-head">
        <button type="button" class="button" onClick={() => void copy()}>
          <span role="status">{done.value ? "Copied" : "Copy"}</span>
        </button>
      </div>
      <textarea readOnly rows={text.split("\n").length} spellcheck={false} wrap="soft" aria-label="Lines to paste" value={text} />
    </div>
  );
}
