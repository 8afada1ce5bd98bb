/** The window around the page: TensorBoard's, or our own where there is none or where it is of another origin. */
import { type Signal, signal } from "@preact/signals";
import { fontFacesOf } from "./fonts";
import { isOurHash } from "./hash";
import { connect, type Ipc } from "./ipc";
import { recall, remember } from "./session";

/** What the page needs from the window around it. */
export interface Host {
  readonly dark: Signal<boolean>;
  /** null where there is no TensorBoard to talk to. */
  readonly ipc: Ipc | null;
  visible(): boolean;
  hash(): string;
  /** `push`: an entry of its own in the history. */
  writeHash(hash: string, push: boolean): void;
  onHash(listener: () => void): void;
  /** TensorBoard's address without query and hash. */
  base(): string;
  /** Address of a view. */
  address(hash: string): string;
  /** Keeps a text until the browser's tab is closed; null forgets it. Nothing else in the browser reads it. */
  remember(name: string, text: string | null): void;
  recall(name: string): string | null;
  /** The run names in TensorBoard's own order; null where TensorBoard does not answer. */
  runs(): Promise<string[] | null>;
}

/** Follows the system's dark mode. */
export function followSystem(dark: Signal<boolean>): void {
  const query = window.matchMedia("(prefers-color-scheme: dark)");
  dark.value = query.matches;
  query.addEventListener("change", () => void (dark.value = query.matches));
}

/** TensorBoard's window; null where there is none, or it is of another origin. */
function reachableParent(): Window | null {
  try {
    return window.parent !== window && window.parent.document ? window.parent : null;
  } catch {
    return null;
  }
}

export class TensorBoardHost implements Host {
  readonly dark = signal(false);
  readonly ipc: Ipc | null;
  private readonly tensorboard = reachableParent();
  private readonly outer: Window = this.tensorboard ?? window;

  constructor() {
    this.ipc = window.parent === window ? null : connect(window.parent);
    this.followTheme();
  }

  private followTheme(): void {
    const body = this.tensorboard?.document.body;
    if (body) {
      const read = (): void => void (this.dark.value = body.classList.contains("dark-mode"));
      read();
      new MutationObserver(read).observe(body, { attributes: true, attributeFilter: ["class"] });
      return;
    }
    followSystem(this.dark);
  }

  /** TensorBoard gives the iframe of a hidden tab no height; the browser reports a hidden browser tab. */
  visible(): boolean {
    return window.innerHeight > 0 && document.visibilityState === "visible";
  }

  hash(): string {
    return this.outer.location.hash;
  }

  /** Keeps history.state, which TensorBoard uses. Writes nothing while another tab is shown. */
  writeHash(hash: string, push: boolean): void {
    if (!isOurHash(this.hash()) || hash === this.hash()) return;
    const { history } = this.outer;
    if (push) history.pushState(history.state, "", hash);
    else history.replaceState(history.state, "", hash);
  }

  onHash(listener: () => void): void {
    const heard = (): void => {
      if (isOurHash(this.hash())) listener();
    };
    this.outer.addEventListener("popstate", heard);
    this.outer.addEventListener("hashchange", heard);
    window.addEventListener("pagehide", () => {
      this.outer.removeEventListener("popstate", heard);
      this.outer.removeEventListener("hashchange", heard);
    });
  }

  base(): string {
    return this.outer.location.origin + this.outer.location.pathname;
  }

  address(hash: string): string {
    return this.base() + this.outer.location.search + hash;
  }

  remember(name: string, text: string | null): void {
    remember(name, text);
  }

  recall(name: string): string | null {
    return recall(name);
  }

  /** TensorBoard's font faces as CSS, once it has loaded those that it uses; empty where there are none. */
  async fonts(): Promise<string> {
    const page = this.tensorboard?.document;
    await page?.fonts.ready;
    return page ? fontFacesOf(page) : "";
  }

  async runs(): Promise<string[] | null> {
    const answer = await this.ipc?.ask("experimental.GetRuns");
    return Array.isArray(answer) ? answer.filter((each): each is string => typeof each === "string") : null;
  }
}
