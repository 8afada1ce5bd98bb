/** Everything about one version, in tabs. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Boundary } from "../../elements/Boundary";
import { adopt } from "../../elements/css";
import { panelId, Tabs, tabId } from "../../elements/Tabs";
import registryCss from "../registry/registry.css?inline";
import css from "./detail.css?inline";
import { FilesTab } from "./FilesTab";
import { Header } from "./Header";
import { HistoryTab } from "./HistoryTab";
import { LineageTab } from "./LineageTab";
import { useVersion } from "./load";
import { OverviewTab } from "./OverviewTab";
import type { DetailProps } from "./props";
import { RawTab } from "./RawTab";
import { SignatureTab } from "./SignatureTab";
import { hasSlices, SlicesTab } from "./SlicesTab";

adopt(css);
adopt(registryCss);

const UNSHOWABLE = (
  <p class="dv-banner" data-tone="warn" role="alert">
    The manifest says something here that can't be shown. The tab “Raw” has its text.
  </p>
);

const TABS = [
  { id: "overview", label: "Overview", view: OverviewTab },
  { id: "slices", label: "Slices", view: SlicesTab },
  { id: "signature", label: "Signature", view: SignatureTab },
  { id: "files", label: "Files", view: FilesTab },
  { id: "lineage", label: "Lineage", view: LineageTab },
  { id: "history", label: "History", view: HistoryTab },
  { id: "raw", label: "Raw", view: RawTab },
];

/** `retry`: null where the answer will always be the same. */
function Failure({ error, retry, close }: { error: string; retry: (() => void) | null; close(): void }): ComponentChildren {
  return (
    <div class="dv-banner" data-tone="bad" role="alert">
      <span>{error}</span>{" "}
      <button type="button" class="dv-link" onClick={retry ?? close}>
        {retry ? "Try again" : "Show all versions"}
      </button>
    </div>
  );
}

export function DetailPanel(props: DetailProps): ComponentChildren {
  const { payload, error, stale, retry } = useVersion(props.api, props.id, props.revision);
  const name = useId();
  const scroller = useRef<HTMLDivElement>(null);
  // The tab of a link stays while the version loads.
  const tabs = TABS.filter(({ id }) => id !== "slices" || (payload !== null && hasSlices(payload)));
  const tab = tabs.find((each) => each.id === props.tab) ?? tabs[0];
  const shown = payload?.id;
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [shown, tab?.id]);
  const View = tab?.view;
  const old = stale && payload !== null;
  return (
    <div class="dv" aria-busy={stale} data-stale={old ? "" : undefined}>
      <Header {...props} payload={payload} failed={error !== null} />
      {error !== null && <Failure error={error} retry={props.still ? null : retry} close={props.onClose} />}
      {payload && tab && View && (
        <>
          <Tabs label="About this version" class="dv-tabs" name={name} tabs={tabs} current={tab.id} onTab={props.onTab} />
          <div
            ref={scroller}
            class="dv-body"
            role="tabpanel"
            id={panelId(name)}
            aria-labelledby={tabId(name, tab.id)}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a panel that scrolls must be reachable by the keyboard
            tabIndex={0}
          >
            <Boundary key={`${payload.id} ${tab.id}`} otherwise={UNSHOWABLE}>
              <View key={payload.id} {...props} payload={payload} />
            </Boundary>
          </div>
        </>
      )}
    </div>
  );
}
