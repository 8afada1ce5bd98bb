/** What TensorBoard's iframe imports and calls. */
import { render as mount } from "preact";
import { httpApi } from "./api/http";
import { adopt } from "./elements/css";
import { TensorBoardHost } from "./host/host";
import { Store } from "./state/store";
import theme from "./theme.css?inline";
import { App } from "./views/App";

export function render(): void {
  adopt(theme);
  document.documentElement.lang = "en";
  document.title = "Versions";
  const host = new TensorBoardHost();
  void host.fonts().then(adopt);
  document.documentElement.classList.toggle("dark", host.dark.peek());
  // The module lies in static/, the routes lie beside that folder.
  const here = import.meta.url;
  const store = new Store(httpApi(new URL("../", here).href), host);
  const root = document.createElement("div");
  root.id = "versions";
  document.body.append(root);
  mount(<App store={store} />, root);
  store.start();
}
