/** Whether the chart over versions is one by version or over time. */
import type { ComponentChildren } from "preact";
import { useStore } from "../context";

export function OverSelect(): ComponentChildren {
  const store = useStore();
  return (
    <select
      aria-label="Horizontal axis of the chart"
      value={store.view.value.overTime ? "time" : ""}
      onChange={(event) => store.view.set({ overTime: event.currentTarget.value === "time" })}
    >
      <option value="">by version</option>
      <option value="time">over time</option>
    </select>
  );
}
