/** The Api over TensorBoard's HTTP. Each error is a sentence fit for the reader of the page. */
import type { Api, Asked, VersionsAnswer } from "./api";
import { readRegistry } from "./readRegistry";
import type { ActionPayload, ChangesPayload, Faster, HistoryPayload, MeasuredPayload, Registry } from "./registry";
import type { ServedPayload } from "./served";
import { linesOf, readTable } from "./stream";
import type { ComparePayload, DensityPayload, ErrorPayload, ScalarsPayload, VersionPayload, WindowPayload } from "./types";

/** An error whose message can be shown as it is. `status` 0: no answer at all. */
export class ApiError extends Error {
  readonly status: number;
  /** Who changed the registry first; null where nobody did. */
  readonly faster: Faster | null;
  constructor(message: string, status: number, faster: Faster | null = null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.faster = faster;
  }
}

/** Reading 100,000 manifests for the first time takes a while. */
const PATIENCE_MS = 60_000;

/** TensorBoard refuses a request line above 64 kB. */
const LONGEST_ADDRESS = 60_000;

const UNREACHABLE = "TensorBoard does not answer.";

async function failure(response: Response): Promise<ApiError> {
  let sentence = "";
  let faster: Faster | null = null;
  try {
    const body = (await response.json()) as (Partial<ErrorPayload> & { now?: Faster }) | null;
    if (body && typeof body.error === "string") sentence = body.error;
    faster = body?.now ?? null;
  } catch {
    // Not our body: a proxy's page, or TensorBoard's own.
  }
  return new ApiError(sentence || `TensorBoard answered ${response.status} to this request.`, response.status, faster);
}

async function ask(url: string, { signal, ...how }: RequestInit): Promise<Response> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const until = signal ? AbortSignal.any([signal, patience]) : patience;
  try {
    return await fetch(url, { ...how, cache: "no-store", credentials: "same-origin", signal: until });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(UNREACHABLE, 0);
  }
}

async function get(url: string, revision: string | null = null, signal: AbortSignal | null = null): Promise<Response> {
  const headers: Record<string, string> = revision === null ? {} : { "If-None-Match": `"${revision}"` };
  const response = await ask(url, { headers, signal });
  if (!response.ok && response.status !== 304) throw await failure(response);
  return response;
}

/** Without an answer that is out of date: its abort is thrown as it is. */
async function answered<T>(route: string, asked: Asked, signal?: AbortSignal): Promise<T> {
  const address = `${route}?${query(asked)}`;
  if (address.length > LONGEST_ADDRESS) throw new ApiError("The filter is too long for one request: shorten it.", 400);
  const response = await get(address, null, signal ?? null);
  try {
    return await json<T>(response);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

const incomplete = ({ status }: Response): ApiError => new ApiError("TensorBoard's answer could not be read: it is not complete.", status);

async function json<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch {
    throw incomplete(response);
  }
}

function query(pairs: Asked): string {
  return pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
}

/** The only request that changes something. The token travels in a header and nowhere else. */
async function post(url: string, body: object, token: string): Promise<Response> {
  const headers = { "Content-Type": "application/json", "X-TB-Versions-Token": token };
  const response = await ask(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw await failure(response);
  return response;
}

/** `base`: the folder of the plugin's routes, with a slash at its end. */
export function httpApi(base: string): Api {
  return {
    async versions(since, take): Promise<VersionsAnswer> {
      const response = await get(since === null ? `${base}versions` : `${base}versions?${query([["since", since]])}`, since);
      if (response.status === 304) return { notModified: true };
      const head = response.body && (await readTable(linesOf(response.body), take).catch(() => null));
      if (!head) throw incomplete(response);
      return { notModified: false, head: { ...head, registry: readRegistry(head.registry) } };
    },
    async window(asked, signal): Promise<WindowPayload> {
      const answer = await answered<WindowPayload>(`${base}window`, asked, signal);
      return { ...answer, table: { ...answer.table, registry: readRegistry(answer.table.registry) } };
    },
    async density(asked, signal): Promise<DensityPayload> {
      return answered(`${base}density`, asked, signal);
    },
    async registry(at): Promise<Registry> {
      const response = await get(`${base}registry?${query([["at", String(at)]])}`);
      const found = readRegistry((await json<{ registry?: unknown }>(response)).registry);
      if (!found) throw incomplete(response);
      return found;
    },
    async history({ model, folder, before, limit, version }): Promise<HistoryPayload> {
      const pairs: [string, string][] = [["model", model]];
      if (folder !== undefined) pairs.push(["folder", folder]);
      if (before !== undefined) pairs.push(["before", String(before)]);
      if (limit !== undefined) pairs.push(["limit", String(limit)]);
      if (version !== undefined) pairs.push(["version", version]);
      return json(await get(`${base}history?${query(pairs)}`));
    },
    async measured({ model, folder, version = "" }): Promise<MeasuredPayload> {
      const pairs: [string, string][] = [
        ["model", model],
        ["version", version],
      ];
      if (folder !== undefined) pairs.push(["folder", folder]);
      return json(await get(`${base}measured?${query(pairs)}`));
    },
    async changes(): Promise<ChangesPayload> {
      return json(await get(`${base}changes`));
    },
    async served(): Promise<ServedPayload> {
      return json(await get(`${base}served`));
    },
    async act(verb, body, token): Promise<ActionPayload> {
      return json(await post(`${base}actions/${verb}`, body, token));
    },
    async version(ref): Promise<VersionPayload> {
      return json(await get(`${base}version?${query([["ref", ref]])}`));
    },
    async scalars(runs, tags, maxPoints): Promise<ScalarsPayload> {
      const pairs: [string, string][] = [
        ...runs.map((run): [string, string] => ["run", run]),
        ...tags.map((tag): [string, string] => ["tag", tag]),
      ];
      if (maxPoints !== undefined) pairs.push(["max_points", String(maxPoints)]);
      return json(await get(`${base}scalars?${query(pairs)}`));
    },
    async compare(members, baseline, goals): Promise<ComparePayload> {
      const pairs = members.map((member): [string, string] => ["member", member]);
      if (baseline !== null) pairs.push(["baseline", baseline]);
      for (const [name, goal] of goals) pairs.push(["goal", `${name}=${goal}`]);
      return json(await get(`${base}compare?${query(pairs)}`));
    },
    exportAddress({ format, refs, filter, which = [], view }): string | null {
      const pairs: (readonly [string, string])[] = [["format", format], ...refs.map((ref): [string, string] => ["ref", ref]), ...which];
      if (filter !== "") pairs.push(["filter", filter]);
      if (view !== "") pairs.push(["view", view]);
      const address = `${base}export?${query(pairs)}`;
      return address.length > LONGEST_ADDRESS ? null : address;
    },
    async file(address): Promise<Blob> {
      const response = await get(address);
      try {
        return await response.blob();
      } catch {
        throw new ApiError("The file did not come to its end.", response.status);
      }
    },
    async runTags(): Promise<Record<string, string[]>> {
      // A route of TensorBoard's own Time Series: without it, only tags that belong to a metric are offered.
      try {
        const listing = await json<{ scalars?: { runTagInfo?: Record<string, string[]> } }>(await get(`${base}../timeseries/tags`));
        return listing.scalars?.runTagInfo ?? {};
      } catch {
        return {};
      }
    },
    async hasHparams(): Promise<boolean> {
      // As TensorBoard's own page asks which tabs to show.
      try {
        const listing = await json<Record<string, { enabled?: boolean }>>(await get(`${base}../../plugins_listing`));
        return listing.hparams?.enabled === true;
      } catch {
        return false;
      }
    },
  };
}
