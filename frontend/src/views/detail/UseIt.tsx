/** Lines to paste: load it, call it, ask a server for it. */
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { Manifest, VersionPayload, VersionState } from "../../api/types";
import { panelId, Tabs, tabId } from "../../elements/Tabs";
import {
  curlSnippet,
  defaultSignature,
  loadSnippet,
  reproduceCommand,
  requestsSnippet,
  SERVING_ADDRESS,
  savedModelSnippet,
  serveSnippet,
  type Target,
} from "../../model/snippets";
import { isPublic, type ReadSignature, servedGraph, signaturesOf, tagsToName } from "./manifest";
import { Code, Section } from "./parts";

interface Way {
  id: string;
  label: string;
  show(): ComponentChildren;
}

export function targetOf(payload: VersionPayload): Target {
  return { model: payload.model, number: String(payload.number), folder: payload.folder, elsewhere: payload.elsewhere };
}

function Serving({ target, request }: { target: Target; request: string | null }): ComponentChildren {
  const serve = serveSnippet(target);
  return (
    <>
      {request ? (
        <Code text={request} label="Request to TensorFlow Serving" wide />
      ) : (
        <p class="dim">This signature has types that the JSON of TensorFlow Serving can't carry.</p>
      )}
      {serve && (
        <>
          <p class="dim">A server at {SERVING_ADDRESS}, which loads the newest version unless its configuration says otherwise:</p>
          <Code text={serve} label="Start TensorFlow Serving" wide />
        </>
      )}
    </>
  );
}

function Reproducing({ target }: { target: Target }): ComponentChildren {
  return (
    <>
      <Code text={reproduceCommand(target)} label="Make the version again from its record" wide />
      <p class="dim">The command says first what the record lacks for that.</p>
    </>
  );
}

function ways(target: Target, manifest: Manifest, signature: ReadSignature | null): Way[] {
  // Other formats say of themselves what a SavedModel does, and TensorFlow does not load them.
  const loadable = Boolean(manifest.savedModel) && (manifest.format ?? "saved_model") === "saved_model";
  const list: Way[] = [
    { id: "tbv", label: "tb_versions", show: () => <Code text={loadSnippet(target, loadable)} label="Load with tb_versions" /> },
  ];
  const again = { id: "reproduce", label: "Reproduce", show: () => <Reproducing target={target} /> };
  if (!loadable) return [...list, again];
  const tensorflow = savedModelSnippet(target, signature, tagsToName(manifest));
  list.push({ id: "tf", label: "TensorFlow", show: () => <Code text={tensorflow} label="Load with TensorFlow" wide /> });
  if (!signature) return [...list, again];
  list.push({ id: "curl", label: "curl", show: () => <Serving target={target} request={curlSnippet(target, signature)} /> });
  list.push({
    id: "requests",
    label: "Python client",
    show: () => <Serving target={target} request={requestsSnippet(target, signature)} />,
  });
  return [...list, again];
}

const REASONS: Record<Exclude<VersionState, "present" | "unchecked">, string> = {
  changed: "its files differ from the manifest",
  missing: "its folder is not there",
  unreachable: "its folder can't be read",
  outside: "its folder is outside the folders that TensorBoard was given",
  damaged: "its manifest can't be read",
  removed: "its files were removed",
  elsewhere: "its files lie elsewhere, in a source that is bound to no folder here",
};

/** The snippet that was shown last; the next version shows the same one. */
let remembered = "tbv";

export function UseIt({ payload, manifest }: { payload: VersionPayload; manifest: Manifest }): ComponentChildren {
  const name = useId();
  const graph = servedGraph(manifest);
  const signatures = graph ? signaturesOf(graph).filter(isPublic) : [];
  const [key, setKey] = useState<string | null>(null);
  const [chosen, setChosen] = useState(remembered);
  const signature = signatures.find((each) => each.key === key) ?? defaultSignature(signatures);
  const list = ways(targetOf(payload), manifest, signature);
  const way = list.find((each) => each.id === chosen) ?? list[0];
  const choose = (id: string): void => {
    remembered = id;
    setChosen(id);
  };
  if (!way) return null;
  if (payload.state !== "present" && payload.state !== "unchecked") {
    return (
      <Section title="Use it">
        <p class="dim">It can't be loaded as it is: {REASONS[payload.state]}.</p>
        <Reproducing target={targetOf(payload)} />
      </Section>
    );
  }
  const choice = signatures.length > 1 && !["tbv", "reproduce"].includes(way.id) && (
    <label class="dv-choice">
      <span class="dim">signature </span>
      <select value={signature?.key} onChange={(event) => setKey(event.currentTarget.value)}>
        {signatures.map((each) => (
          <option key={each.key} value={each.key}>
            {each.key}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <Section title="Use it" aside={choice}>
      <div class="dv-ways">
        <Tabs label="Ways to use the version" class="dv-tabs" name={name} tabs={list} current={way.id} onTab={choose} />
      </div>
      <div role="tabpanel" id={panelId(name)} aria-labelledby={tabId(name, way.id)}>
        {way.show()}
      </div>
    </Section>
  );
}
