/** An export: a head of its own, and below it the page as in the tab. */
import type { ComponentChildren } from "preact";
import type { Head } from "../../api/head";
import type { Store } from "../../state/store";
import { App } from "../App";
import { ExportHead } from "./ExportHead";
import { Whole } from "./Whole";

export function ExportedPage({ store }: { store: Store }): ComponentChildren {
  return (
    <div class="export">
      <ExportHead store={store} head={store.exported as Head} />
      <Whole>
        <App store={store} />
      </Whole>
    </div>
  );
}
