/** The place of the comparison, instead of the table; its code is loaded when it is first asked for. */
import type { ComponentChildren } from "preact";
import { useLazy } from "../elements/lazy";
import { useStore } from "./context";

const loadPage = async () => (await import("./compare/ComparePage")).ComparePage;

export function CompareHost(): ComponentChildren {
  const store = useStore();
  const page = useLazy(loadPage);
  const Page = page.state === "ready" ? page.value : null;
  return (
    <main class="center">
      <h1 class="vh">Comparison of versions and runs</h1>
      {Page && <Page store={store} />}
      {page.state === "failed" && (
        <div class="message narrow">
          <p role="alert">The comparison could not be loaded.</p>
          <button type="button" class="button" onClick={page.retry}>
            Try again
          </button>
        </div>
      )}
    </main>
  );
}
