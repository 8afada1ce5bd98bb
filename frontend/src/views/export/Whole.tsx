/** An export that a stranger altered may say what no view can draw: then a sentence, not an empty page. */
import { Component, type ComponentChildren } from "preact";

interface State {
  failed: boolean;
}

export class Whole extends Component<{ children: ComponentChildren }, State> {
  override state: State = { failed: false };

  static override getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
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
  }
}
