/** Keeps what can't be drawn from taking the panel with it. Manifests are other people's words. */

import { Component, type ComponentChildren } from "preact";

interface State {
  failed: boolean;
}

export class Boundary extends Component<{ children: ComponentChildren }, State> {
  override state: State = { failed: false };

  static override getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <p class="dv-banner" data-tone="warn" role="alert">
        The manifest says something here that can't be shown. The tab “Raw” has its text.
      </p>
    );
  }
}
