/** Code that is loaded when it is first shown, so that the first load stays small. */
import { useEffect, useState } from "preact/hooks";

export type Lazy<T> = { state: "loading" } | { state: "ready"; value: T } | { state: "failed"; retry(): void };

/** `load` must be one function for the component's life. */
export function useLazy<T>(load: () => Promise<T>): Lazy<T> {
  const [lazy, set] = useState<Lazy<T>>({ state: "loading" });
  useEffect(() => {
    let gone = false;
    const run = (): void => {
      load().then(
        (value) => !gone && set({ state: "ready", value }),
        () => !gone && set({ state: "failed", retry: run }),
      );
    };
    run();
    return () => {
      gone = true;
    };
  }, [load]);
  return lazy;
}
