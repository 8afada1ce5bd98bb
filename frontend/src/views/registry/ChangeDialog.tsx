/** A change to the registry: what it turns into what, why, and the button that makes it. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ApiError } from "../../api/http";
import type { Alias } from "../../api/registry";
import { Chip } from "../../elements/Chip";
import { formatDate } from "../../model/format";
import { toneOf } from "../../model/registry/aliases";
import { type Before, bodyOf, type Change, FIELDS, transitionOf, VERB_WORDS } from "../../model/registry/commands";
import type { RegistryState } from "../../state/registry";
import { ChangeFields } from "./ChangeFields";

interface DialogProps {
  registry: RegistryState;
  first: Change;
  /** Where several folders have a log of the model. */
  folder: string | undefined;
  /** Aliases of the model as they are now. */
  aliases: readonly Alias[];
  beforeOf(change: Change): Before;
  close(): void;
}

function sentenceOf(error: unknown, model: string): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  const { faster } = error;
  if (!faster) return error.message;
  const now = faster.number === null ? "no version" : `${model} ${faster.number}`;
  return `${error.message} It was ${faster.actor || "somebody"}, ${formatDate(faster.time)}; now it is ${now}. Look at it again before you go on.`;
}

/** Takes the focus, keeps it, and gives it back; Esc closes. */
function useModal(close: () => void) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    element?.showModal?.();
    element?.querySelector<HTMLElement>("input:not([readonly]), textarea, select")?.focus();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  const onCancel = (event: Event): void => {
    event.preventDefault();
    close();
  };
  return { dialog, onCancel };
}

function Arrow({ change, before }: { change: Change; before: Before }): ComponentChildren {
  const { subject, before: from, after } = transitionOf(change, before);
  const isAlias = FIELDS[change.verb].includes("alias");
  return (
    <p class="ch-arrow">
      {isAlias && subject !== "" ? <Chip name={subject} tone={toneOf(subject)} first /> : <bdi>{subject}</bdi>} <bdi>{from}</bdi>{" "}
      <span aria-hidden="true">→</span>
      <span class="vh"> becomes </span> <b>{<bdi>{after}</bdi>}</b>
    </p>
  );
}

export function ChangeDialog({ registry, first, folder, aliases, beforeOf, close }: DialogProps): ComponentChildren {
  const title = useId();
  const [change, setChange] = useState(first);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const { dialog, onCancel } = useModal(close);
  const before = beforeOf(change);
  const { refused, caution } = transitionOf(change, before);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (sending || refused !== "") return;
    setSending(true);
    setError(null);
    try {
      await registry.act(change.verb, { ...bodyOf(change, before.holder), ...(folder !== undefined && { folder }) });
      close();
    } catch (reason) {
      setError(sentenceOf(reason, change.model));
      registry.refresh();
      setSending(false);
    }
  };
  return (
    <dialog ref={dialog} class="ch-dialog" aria-labelledby={title} onCancel={onCancel} onKeyDown={(event) => event.stopPropagation()}>
      <form method="dialog" onSubmit={(event) => void send(event)}>
        <h2 id={title}>
          {VERB_WORDS[change.verb]}: <bdi>{change.model}</bdi> <b>{String(change.number)}</b>
        </h2>
        <ChangeFields change={change} aliases={aliases} set={(patch) => setChange({ ...change, ...patch })} />
        <Arrow change={change} before={before} />
        {caution !== "" && <p class="ch-refused">{caution}</p>}
        {refused !== "" && (
          <p class="ch-refused" role="status">
            {refused}
          </p>
        )}
        {error !== null && (
          <p class="ch-error" role="alert">
            <bdi>{error}</bdi>
          </p>
        )}
        <p class="dim small">The history names the account that TensorBoard runs under; it is not checked who you are.</p>
        <p class="ch-buttons">
          <button type="submit" class="button primary" disabled={sending || refused !== ""}>
            {sending ? "Writing …" : VERB_WORDS[change.verb]}
          </button>
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
        </p>
      </form>
    </dialog>
  );
}
