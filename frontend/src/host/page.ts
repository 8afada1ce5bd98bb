/** A page of its own, without TensorBoard: a file, or a folder on a web server. */
import { signal } from "@preact/signals";
import { isOurHash } from "./hash";
import { followSystem, type Host } from "./host";

export class PageHost implements Host {
  readonly dark = signal(false);
  readonly ipc = null;
  private readonly names: string[];
  private readonly tensorboard: string;
  /** The view, where the page has no address that it could write: in the frame of a notebook. */
  private own = window.location.protocol === "about:" ? window.location.hash : null;

  /**
   * `runs`: names of the runs whose curves are there.
   * `tensorboard`: its address without query and hash, or empty.
   */
  constructor(runs: string[], tensorboard: string) {
    this.names = runs;
    this.tensorboard = tensorboard;
    followSystem(this.dark);
  }

  visible(): boolean {
    return document.visibilityState === "visible";
  }

  hash(): string {
    return this.own ?? window.location.hash;
  }

  writeHash(hash: string, push: boolean): void {
    if (hash === this.hash()) return;
    if (this.own !== null) this.own = hash;
    else if (push) window.history.pushState(null, "", hash);
    else window.history.replaceState(null, "", hash);
  }

  onHash(listener: () => void): void {
    const heard = (): void => {
      if (isOurHash(this.hash())) listener();
    };
    window.addEventListener("popstate", heard);
    window.addEventListener("hashchange", heard);
  }

  base(): string {
    return this.tensorboard;
  }

  address(hash: string): string {
    return window.location.href.replace(/#.*$/s, "") + hash;
  }

  /** An export has nothing to remember. */
  remember(): void {}

  recall(): null {
    return null;
  }

  async runs(): Promise<string[]> {
    return this.names;
  }
}
