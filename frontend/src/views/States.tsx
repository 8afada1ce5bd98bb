/** What is shown instead of the table: loading, no versions, no match, no answer. */
import { useSignal } from "@preact/signals";
import { type ComponentChildren, Fragment } from "preact";
import { useEffect } from "preact/hooks";
import { formatCount, formatDate } from "../model/format";
import { DEPRECATED, REMOVED } from "../model/registry/hiding";
import { shellQuote } from "../model/snippets";
import { isAllOutside } from "../model/states";
import { useStore } from "./context";
import { Snippet } from "./Snippet";
import { Unregistered } from "./Unregistered";

const NO_FLASH_MS = 150;

const LINES = `import tb_versions as tbv
with tf.summary.create_file_writer("logs/run-1").as_default():
    tbv.publish(model, "models", name="digits", metrics={"val_accuracy": 0.97}, step=epoch)`;

/** Grey lines where the rows will be; not shown when the answer is quick. */
export function Skeleton(): ComponentChildren {
  const late = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => void (late.value = true), NO_FLASH_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="skeleton" role="status">
      <span class="vh">Loading versions</span>
      {late.value && Array.from({ length: 12 }, (_, i) => <div key={i} class="bar" style={{ width: `${92 - ((i * 17) % 40)}%` }} />)}
    </div>
  );
}

/** A command that breaks between its words: a browser would break behind a hyphen. */
function Command({ words }: { words: readonly string[] }): ComponentChildren {
  return (
    <code>
      {words.map((word, at) => (
        <Fragment key={at}>
          {at > 0 && " "}
          {word.startsWith("--") ? <span class="whole">{word}</span> : <bdi>{word}</bdi>}
        </Fragment>
      ))}
    </code>
  );
}

function EmptyExport(): ComponentChildren {
  return (
    <div class="message narrow">
      <h2>No versions</h2>
      <p>This export holds no version: none matched what was asked for when it was made.</p>
    </div>
  );
}

export function Empty(): ComponentChildren {
  const store = useStore();
  const payload = store.table.value?.payload;
  if (!payload) return null;
  if (store.exported) return <EmptyExport />;
  const folders = payload.looked_in;
  return (
    <div class="message">
      <h2>No versions yet</h2>
      <p>
        {payload.status === "loading" ? "Still looking" : "Looked"} for <code>version_manifest.json</code> files and for versions announced
        in event files, in:
      </p>
      <ul class="folders">
        {folders.map((folder, index) => (
          <li key={index}>
            <code>
              <bdi>{folder.path}</bdi>
            </code>{" "}
            <span class="dim">{folder.kind === "logdir" ? "the logdir" : "a models folder"}</span>
            {!folder.exists && <span class="warn"> is not there</span>}
          </li>
        ))}
        {folders.length === 0 && <li class="dim">no folder: TensorBoard was started without one</li>}
      </ul>
      {payload.unregistered > 0 && (
        <p>
          <Unregistered /> {payload.unregistered === 1 ? "was" : "were"} found there.
        </p>
      )}
      <p>To write a first version, put this where the training script saves its model:</p>
      <Snippet text={LINES} />
      {!folders.some((folder) => folder.kind === "models_dir") && (
        <p class="dim">
          Models outside the logdir are found with{" "}
          <Command words={["tensorboard", "--logdir", "logs", "--versions_models_dir", "models"]} />. The page shows them as they come;
          nothing has to be reloaded.
        </p>
      )}
    </div>
  );
}

/** Nothing is left because what matches is deprecated, removed, or of a later day. */
function Hidden(): ComponentChildren {
  const store = useStore();
  const why = store.rows.tally.value.hidden;
  const withdrawn = (why[DEPRECATED] ?? 0) + (why[REMOVED] ?? 0);
  const at = store.view.at.value;
  return (
    <div class="message narrow" role="status">
      <h2>{withdrawn > 0 ? "Nothing but deprecated and removed versions" : `No version was there on ${formatDate(at)}`}</h2>
      <p>
        {formatCount(why.reduce((sum, each) => sum + each, 0))} version{why.reduce((sum, each) => sum + each, 0) === 1 ? " is" : "s are"}{" "}
        hidden.
      </p>
      {withdrawn > 0 ? (
        <button type="button" class="button" onClick={() => store.view.set({ withdrawn: true })}>
          Show them
        </button>
      ) : (
        <button type="button" class="button" onClick={() => store.view.set({ at: null })}>
          Back to now
        </button>
      )}
    </div>
  );
}

export function NoMatch(): ComponentChildren {
  const store = useStore();
  return store.rows.tally.value.hidden.some((count) => count > 0) ? <Hidden /> : <Unmatched />;
}

function Unmatched(): ComponentChildren {
  const store = useStore();
  const count = store.rows.total.value;
  return (
    <div class="message narrow" role="status">
      <h2>No version matches</h2>
      <p>
        {count === 1 ? "The one version is" : `All ${formatCount(count)} versions are`} hidden by{" "}
        {store.rows.query.value.inForce ? (
          <>
            the filter{" "}
            <code>
              <bdi>{store.rows.query.value.inForce}</bdi>
            </code>
            {store.view.value.models.length +
              store.view.value.runs.length +
              store.view.value.states.length +
              store.view.value.aliases.length >
              0 && " and what is chosen on the left"}
            {store.view.brush.value.length > 0 && " and the charts' ranges"}
          </>
        ) : store.view.brush.value.length > 0 ? (
          "the charts' ranges, or what is chosen on the left"
        ) : (
          "what is chosen on the left"
        )}
        .
      </p>
      <button type="button" class="button" onClick={() => store.view.clearFilters()}>
        Clear filter
      </button>
    </div>
  );
}

function useSecondsLeft(): number {
  const store = useStore();
  return Math.max(0, Math.ceil((store.feed.live.state.value.due - store.now.value) / 1000));
}

/** Nothing was ever received. */
export function Failed(): ComponentChildren {
  const store = useStore();
  const left = useSecondsLeft();
  return (
    <div class="message narrow">
      <h2>The versions could not be loaded</h2>
      <p role="alert">
        <bdi>{store.feed.live.state.value.error}</bdi>
      </p>
      {!store.exported && <p class="dim">{left > 0 ? `Trying again in ${left} s.` : "Trying again …"}</p>}
      <button type="button" class="button" onClick={() => void store.feed.live.ask()}>
        Try {store.exported ? "again" : "now"}
      </button>
    </div>
  );
}

/** The rows on screen are old ones. */
export function Banner(): ComponentChildren {
  const store = useStore();
  const { phase, error } = store.feed.live.state.value;
  const left = useSecondsLeft();
  if (phase !== "failing") return null;
  return (
    <div class="banner">
      <span role="status">
        <bdi>{error}</bdi> What is shown is as it was.
      </span>
      <span>
        {left > 0 ? `Trying again in ${left} s.` : "Trying again …"}{" "}
        <button type="button" class="plain link" onClick={() => void store.feed.live.ask()}>
          Try now
        </button>
      </span>
    </div>
  );
}

/** Of very many rows, those on screen are not the ones that were asked for. */
export function WindowBanner(): ComponentChildren {
  const { windowed } = useStore();
  const trouble = windowed.trouble.value;
  if (trouble === null) return null;
  return (
    <div class="banner">
      <span role="alert">
        <bdi>{trouble}</bdi> What is shown is as it was.
      </span>
      <span>
        <button type="button" class="plain link" disabled={windowed.asking.value} onClick={() => void windowed.again()}>
          Try again
        </button>
      </span>
    </div>
  );
}

/** No version's folder may be read: most likely TensorBoard was started without the models folder. */
export function OutsideBanner(): ComponentChildren {
  const store = useStore();
  const payload = store.table.value?.payload;
  if (!payload || store.exported || store.windowed.isOn.value || !isAllOutside(payload)) return null;
  const logdir = payload.looked_in.find((folder) => folder.kind === "logdir")?.path ?? "logs";
  const count = payload.columns.id.length;
  return (
    <div class="banner outside">
      <span role="status">
        <b>{count === 1 ? "The version is" : `All ${formatCount(count)} versions are`} outside of what may be read.</b> Runs announced them,
        but their files are not looked at. Start TensorBoard with the folder of the models:{" "}
        <Command words={["tensorboard", "--logdir", shellQuote(logdir), "--versions_models_dir", "MODELS"]} />
      </span>
    </div>
  );
}
