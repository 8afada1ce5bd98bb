/** One chart of the panel above the table. */
import type { ComponentType } from "preact";

export interface PanelView {
  /** What is chosen for the chart, in the panel's first line; folded away with it. */
  Head?: ComponentType;
  Body: ComponentType;
}
