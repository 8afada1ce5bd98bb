/** The page of an export: the same views over the sections that the file holds. A classic script that starts itself. */
import { render as mount } from "preact";
import { readHead } from "./api/head";
import { type Sections, sectionsOf } from "./api/sections";
import { snapshotApi } from "./api/snapshot";
import { adopt } from "./elements/css";
import { isOurHash } from "./host/hash";
import { PageHost } from "./host/page";
import { compareMembers } from "./model/compare/offline";
import { tensorboardAddress } from "./model/place";
import { foldEvents } from "./model/registry/fold";
import { Store } from "./state/store";
import theme from "./theme.css?inline";
import { ExportedPage } from "./views/export/ExportedPage";
import css from "./views/export/export.css?inline";

/** Opens with the view that was exported, unless the address asks for another one. */
function openView(host: PageHost, view: string): void {
  if (host.hash() === "" && view.startsWith("#") && isOurHash(view)) host.writeHash(view, false);
}

async function storeOf(sections: Sections): Promise<Store> {
  const head = readHead(await sections.read("head"));
  const names = head.runs.map((run) => run.name);
  const host = new PageHost(names, tensorboardAddress(head.tensorboardUrl));
  openView(host, head.view);
  document.title = head.title || "Versions";
  return new Store(snapshotApi(sections, head, { compare: compareMembers, fold: foldEvents }), host, head);
}

function complain(root: Element, error: unknown): void {
  mount(
    <div class="message narrow">
      <h1>This export can't be shown</h1>
      <p role="alert">
        <bdi>{error instanceof Error ? error.message : String(error)}</bdi>
      </p>
    </div>,
    root,
  );
}

async function open(): Promise<void> {
  adopt(theme);
  adopt(css);
  const root = document.createElement("div");
  root.id = "versions";
  document.body.append(root);
  try {
    const store = await storeOf(sectionsOf(document));
    document.documentElement.classList.toggle("dark", store.host.dark.peek());
    mount(<ExportedPage store={store} />, root);
    store.start();
  } catch (error) {
    complain(root, error);
  }
}

void open();
