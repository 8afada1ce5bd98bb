/** Catches errors of its children, so that one broken manifest or export does not break the page around it. */
import { Component, type ComponentChildren } from "preact";

interface Props {
  children: ComponentChildren;
  /** What is shown in place of what can't be. */
  otherwise: ComponentChildren;
}

export class Boundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static override getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render({ children, otherwise }: Props): ComponentChildren {
    return this.state.failed ? otherwise : children;
  }
}
