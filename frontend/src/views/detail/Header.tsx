/** Which version this is, where it came from, and what is known of its files. */

import type { ComponentChildren } from "preact";
import type { VersionPayload, VersionState } from "../../api/types";
import { Chip } from "../../elements/Chip";
import { Icon } from "../../elements/Icon";
import { counterparts } from "../../model/compare/counterparts";
import { formatAge, formatCount, formatDate, formatDateFull } from "../../model/format";
import { chipsOf, withdrawnWords } from "../../model/registry/chips";
import { GATE_GLYPHS, gateNow, gateShown, gatesTitle } from "../../model/registry/gates";
import { saidIn } from "../../model/registry/late";
import { servedMark } from "../../model/registry/served";
import { useNow } from "./load";
import { timeOf } from "./manifest";
import { Name, RunName, withFlags } from "./parts";
import type { DetailProps } from "./props";

interface StateText {
  glyph: string;
  short: string;
  tone: "good" | "warn" | "bad" | "dim";
  /** Said in a banner where the server has no sentence of its own. */
  long: string;
}

const STATES: Record<VersionState, StateText> = {
  present: { glyph: "✓", short: "files present", tone: "good", long: "" },
  unchecked: { glyph: "…", short: "files not looked at yet", tone: "dim", long: "" },
  changed: { glyph: "≠", short: "files changed", tone: "bad", long: "The files in the folder are not those of the manifest." },
  missing: {
    glyph: "∅",
    short: "folder missing",
    tone: "warn",
    long: "A run announced this version, but its folder is not there (any more).",
  },
  unreachable: { glyph: "⊘", short: "folder unreachable", tone: "warn", long: "The folder of this version can't be read." },
  outside: {
    glyph: "↗",
    short: "folder outside",
    tone: "warn",
    long: "The folder is not inside the log directory or a --versions_models_dir.",
  },
  damaged: { glyph: "✕", short: "manifest damaged", tone: "bad", long: "The manifest can't be read." },
  elsewhere: {
    glyph: "⇱",
    short: "files elsewhere",
    tone: "dim",
    long: "Its files lie in a source that is bound to no folder here. Start TensorBoard with --versions_sources LABEL=DIR.",
  },
  removed: { glyph: "⊖", short: "removed", tone: "dim", long: "The files of this version were removed; its manifest is kept." },
};

function stateText(state: string): StateText {
  return Object.hasOwn(STATES, state) ? STATES[state as VersionState] : STATES.unchecked;
}

const FROM_EVENT = "The manifest can't be reached; this is the copy in the run's event file.";

function Banner({ payload }: { payload: VersionPayload }): ComponentChildren {
  const state = stateText(payload.state);
  const said = /event file/i.test(payload.notice ?? "");
  const sentences = [payload.notice || state.long, payload.from_event && !said ? FROM_EVENT : ""].filter(Boolean);
  if (sentences.length === 0) return null;
  return (
    <div class="dv-banner" data-tone={state.tone === "bad" ? "bad" : "warn"}>
      {sentences.map((sentence) => (
        <p key={sentence} dir="auto">
          {withFlags(sentence)}
        </p>
      ))}
    </div>
  );
}

function Published({ payload, runColor, runLink, runParts, place }: DetailProps & { payload: VersionPayload }): ComponentChildren {
  const now = useNow();
  const created = timeOf(payload.manifest?.created);
  // An adopted version was not published; its time is that of its files.
  const { inferred } = payload.manifest ?? {};
  const word = Array.isArray(inferred) && inferred.some((each) => each?.field === "created") ? "made" : "published";
  const run = payload.runs[0];
  if (created === null && !run) return null;
  return (
    <span>
      {created !== null && (
        <>
          {word}{" "}
          <time title={formatDateFull(created)} dateTime={payload.manifest?.created}>
            {formatAge(created, now)}
          </time>
        </>
      )}
      {run && (
        <>
          {" "}
          from the run <RunName name={run.name} known={run.known} looks={{ runColor, runLink, runParts, place }} />
          {run.step !== null && <> at step&nbsp;{formatCount(run.step)}</>}
        </>
      )}
    </span>
  );
}

/** Buttons that compare with the previous version, the parent or the best one. */
function CompareWith({ id, table, metric, onCompare }: DetailProps): ComponentChildren {
  const others = table && onCompare ? counterparts(table, id, metric ?? null) : [];
  if (others.length === 0) return null;
  return (
    <p class="dv-compare">
      <span class="dim">Compare with</span>
      {others.map((other) => (
        <button
          key={other.id}
          type="button"
          class="dv-copy"
          title={`Compare ${id} with ${other.id}`}
          onClick={() => onCompare?.([other.id, id])}
        >
          {other.why} <Name>{other.name}</Name>
        </button>
      ))}
    </p>
  );
}

function Chips({ table, id }: DetailProps): ComponentChildren {
  const row = table?.indexOf.get(id);
  return table && row !== undefined ? chipsOf(table, row).map((chip) => <Chip key={chip.name} {...chip} />) : null;
}

/** What was checked and came out badly, and each gate that does not stand: nobody must look for it. Where all gates passed, that they did. */
function Checks({ table, id, payload }: DetailProps & { payload: VersionPayload }): ComponentChildren {
  const row = table?.indexOf.get(id);
  const said = table && row !== undefined ? saidIn(table.payload)(row) : null;
  const gates = !said || said.unknown ? [] : (said.version?.gates ?? []);
  const bad = (payload.trust ?? []).filter(({ what, tone }) => tone === "bad" && !what.startsWith("gate "));
  if (gates.length === 0 && bad.length === 0) return null;
  const open = gates.filter(({ verdict }) => verdict !== "passed");
  return (
    <p class="dv-gates" title={gatesTitle(gates)}>
      {bad.map(({ what, state, words }) => (
        <span key={what} class="gate" data-gate="failed" title={words}>
          <span aria-hidden="true">✕</span> {what} {state}
        </span>
      ))}
      {(open.length > 0 ? open : gates).map((gate) => {
        const word = gateShown([gate]) ?? gate.verdict;
        return (
          <span key={gate.gate} class="gate" data-gate={word}>
            <span aria-hidden="true">{GATE_GLYPHS.get(word)}</span> gate <bdi>{gate.gate}</bdi> {gateNow(gate)}
          </span>
        );
      })}
    </p>
  );
}

/** That somebody advised against the version, or removed it; else who approved it. */
function Withdrawn({ table, id }: DetailProps): ComponentChildren {
  const row = table?.indexOf.get(id);
  if (!table || row === undefined) return null;
  const { version, unknown } = saidIn(table.payload)(row);
  const sentences = withdrawnWords(table, row);
  const approvals = unknown ? [] : (version?.approvals ?? []);
  const others = unknown ? [] : (version?.approvals_of_another_manifest ?? []);
  return (
    <>
      {sentences.length > 0 && (
        <div class="dv-banner" data-tone="warn">
          {sentences.map((sentence) => (
            <p key={sentence} dir="auto">
              {sentence}
            </p>
          ))}
        </div>
      )}
      {approvals.length > 0 && (
        <p class="dv-approved">
          <span aria-hidden="true">✓</span> approved by{" "}
          {approvals.map(({ actor, time, reason }, at) => (
            <span key={actor}>
              {at > 0 && ", "}
              <bdi>{actor}</bdi> on {formatDate(time)}
              {reason && (
                <>
                  {" "}
                  <q>
                    <bdi>{reason}</bdi>
                  </q>
                </>
              )}
            </span>
          ))}
        </p>
      )}
      {others.length > 0 && (
        <p class="warn">
          <bdi>{others.map(({ actor }) => actor).join(", ")}</bdi> approved another manifest that had this number before: that is no
          approval of this one.
        </p>
      )}
    </>
  );
}

/** Where clients get it, and where they get another version under its alias. */
function Served({ table, id, served = [], at = null, payload }: DetailProps & { payload: VersionPayload | null }): ComponentChildren {
  const row = table?.indexOf.get(id);
  if (!table || row === undefined || !payload || at !== null) return null;
  const mark = servedMark(served, payload.model, String(payload.number), table.payload.columns.aliases[row] ?? []);
  if (!mark) return null;
  return (
    <ul class="dv-served" data-tone={mark.tone}>
      {mark.sentences.map((sentence) => (
        <li key={sentence}>
          <bdi>{sentence}</bdi>
        </li>
      ))}
    </ul>
  );
}

export function Header(props: DetailProps & { payload: VersionPayload | null; failed: boolean }): ComponentChildren {
  const { payload } = props;
  const state = payload && stateText(payload.state);
  const row = props.table?.indexOf.get(props.id) ?? -1;
  const semantic = props.table?.payload.columns.semantic_version[row] ?? payload?.manifest?.semanticVersion;
  return (
    <header class="dv-head">
      <div class="dv-title">
        <h2>
          {payload ? (
            <>
              <Name>{payload.model}</Name> <b>{String(payload.number)}</b>
            </>
          ) : (
            <Name>{props.id}</Name>
          )}
          {semantic && (
            <span class="dim">
              {" "}
              <Name>{semantic}</Name>
            </span>
          )}
        </h2>
        <Chips {...props} />
        <span class="dv-actions">
          <button
            type="button"
            class="dv-icon"
            title="Copy a link to this view"
            aria-label="Copy a link to this view"
            onClick={props.copyLink}
          >
            <Icon name="link" />
          </button>
          <button type="button" class="dv-icon" title="Close" aria-label="Close the panel" onClick={props.onClose}>
            <Icon name="close" />
          </button>
        </span>
      </div>
      {payload && state && (
        <>
          <p class="dv-published">
            <Published {...props} payload={payload} />
            <span class="dv-state" data-tone={state.tone}>
              <span aria-hidden="true">{state.glyph}</span> {state.short}
              {props.place?.looked}
            </span>
          </p>
          {payload.checked && (
            <p class="dv-checked">
              Checked{props.place?.looked}: <Name>{payload.checked}</Name>
            </p>
          )}
          <CompareWith {...props} />
          <Banner payload={payload} />
          <Checks {...props} payload={payload} />
          <Withdrawn {...props} />
          <Served {...props} />
        </>
      )}
      {!payload && !props.failed && <p class="dv-published">Loading …</p>}
    </header>
  );
}
