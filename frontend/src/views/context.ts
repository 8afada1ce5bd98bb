/** The store, for every view below the app. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Store } from "../state/store";

export const StoreContext = createContext<Store | null>(null);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (!store) throw new Error("The store is provided by App.");
  return store;
}
