/** An export: a head of its own, and below it the page as in the tab. */
import type { ComponentChildren } from "preact";
import type { Head } from "../../api/head";
import { Boundary } from "../../elements/Boundary";
import type { Store } from "../../state/store";
import { App } from "../App";
import { ExportHead } from "./ExportHead";

/** An altered export shows this sentence instead of an empty page. */
const ALTERED = (
  <main class="message narrow">
    <h2>Something in this export can't be shown</h2>
    <p role="alert">
      It does not hold what it should. <code>tb-versions verify</code> says whether it was changed since it was made.
    </p>
    <p>
      <a href="#versions">Show all versions</a>
    </p>
  </main>
);

export function ExportedPage({ store }: { store: Store }): ComponentChildren {
  return (
    <div class="export">
      <ExportHead store={store} head={store.exported as Head} />
      <Boundary otherwise={ALTERED}>
        <App store={store} />
      </Boundary>
    </div>
  );
}
