/** What is served, asked again every few seconds; where nothing was named to ask, never again. */
import { signal } from "@preact/signals";
import type { Api } from "../api/api";
import type { ServedPlace } from "../api/served";

const EVERY_MS = 10_000;

export class ServedState {
  readonly places = signal<readonly ServedPlace[]>([]);
  private readonly api: Api;
  private readonly visible: () => boolean;
  private told = "";

  constructor(api: Api, visible: () => boolean) {
    this.api = api;
    this.visible = visible;
  }

  async start(): Promise<void> {
    await this.ask();
    if (this.places.peek().length > 0) setInterval(() => this.visible() && void this.ask(), EVERY_MS);
  }

  private async ask(): Promise<void> {
    try {
      const { places } = await this.api.served();
      const told = JSON.stringify(places);
      // The same again would draw every row again.
      if (told !== this.told) this.places.value = places;
      this.told = told;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.told = "";
      this.places.value = this.places.peek().map((place) => ({ ...place, problem }));
    }
  }
}
