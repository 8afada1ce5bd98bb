/** Keeps what can't be drawn from taking the rest with it: manifests and exports are other people's words. */
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
