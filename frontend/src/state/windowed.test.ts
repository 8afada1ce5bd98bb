// @vitest-environment jsdom
import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Api, Asked } from "../api/api";
import { ApiError } from "../api/http";
import type { Registry } from "../api/registry";
import type { Part, TableHead, WindowPayload } from "../api/types";
import type { Table } from "../model/columns";
import { EVERYTHING, type Question } from "../model/windows/question";
import { Windowed } from "./windowed";

const HEAD: TableHead = {
  schema_version: 2,
  revision: "h1",
  status: "windowed",
  window: { rows: 100_000, indexed: 1, newer: 0, gone: 0, looked: 1, problem: "" },
  looked_in: [],
  problems: [],
  unregistered: 0,
  unregistered_in: [],
  metrics: [],
  hyperparameters: [],
  labels: [],
  blocks: [],
};

/** A server with as many rows as it is told, that notes what it was asked. */
class Server {
  found = 100_000;
  revision = "w1";
  refuse: ((asked: Map<string, string>) => ApiError | null) | null = null;
  readonly asked: string[] = [];
  /** Answers wait for their turn while this is set. */
  gate: Promise<void> | null = null;

  async window(pairs: Asked, signal?: AbortSignal): Promise<WindowPayload> {
    const asked = new Map(pairs);
    this.asked.push(pairs.map(([name, value]) => `${name}=${value}`).join("&"));
    const { revision, found } = this;
    await this.gate;
    signal?.throwIfAborted();
    const refused = this.refuse?.(asked);
    if (refused) throw refused;
    const [first, count] = [Number(asked.get("first")), Number(asked.get("count"))];
    const names = /^version in \((.*)\)$/.exec(asked.get("filter") ?? "")?.[1]?.split(", ");
    const ids = names ?? Array.from({ length: Math.max(0, Math.min(count, found - first)) }, (_, at) => `m:${first + at}`);
    const part: Part = {
      digest: `${first} ${ids.length} ${revision}`,
      columns: { id: ids, model: { values: ["m"], codes: ids.map(() => 0) }, number: ids.map((_, at) => first + at) },
    };
    const none = { values: [], left_out: 0 };
    return {
      revision,
      window: HEAD.window as NonNullable<TableHead["window"]>,
      found,
      hidden: { deprecated: 0, removed: 0 },
      first,
      ...(asked.get("facets") && { facets: { models: { values: [["m", found]], left_out: 0 }, aliases: none, runs: none, states: none } }),
      table: { ...HEAD, blocks: ids.length > 0 ? [{ rows: ids.length, parts: [part.digest] }] : [], parts: ids.length > 0 ? [part] : [] },
    };
  }
}

function start(server: Server, question: Question = EVERYTHING) {
  const asked = signal(question);
  const beside = signal<string[]>([]);
  const table = signal<Table | null>(null);
  const registry = signal<Registry | null>(null);
  const api = server as unknown as Api;
  const windowed = new Windowed({ api, table, registry, question: () => asked.value, beside: () => beside.value });
  windowed.start();
  return { windowed, asked, beside, table };
}

const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(1000).then(() => undefined);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("very many rows", () => {
  test("are asked for by windows: the first rows first, then the counts", async () => {
    const server = new Server();
    const { windowed, table } = start(server);
    await windowed.stand(HEAD);
    await settle();
    expect(server.asked).toEqual(["first=0&count=200", "facets=1&first=0&count=0"]);
    expect([table.value?.count, table.value?.isPart, windowed.shown.value?.found]).toEqual([200, true, 100_000]);
    expect(windowed.facets.value?.found?.models.values).toEqual([["m", 100_000]]);
  });

  test("on screen are loaded when they come into view, and few of them are kept", async () => {
    const server = new Server();
    const { windowed, table } = start(server);
    await windowed.stand(HEAD);
    for (let at = 0; at < 60; at++) {
      windowed.look([at * 1000, at * 1000 + 20]);
      await settle();
    }
    expect(table.value?.indexOf.has("m:59000")).toBe(true);
    expect(table.value?.indexOf.has("m:1000")).toBe(false);
    expect(table.value?.count).toBeLessThanOrEqual(24 * 200);
  });

  test("in another order keep their counts", async () => {
    const server = new Server();
    const { windowed, asked } = start(server);
    await windowed.stand(HEAD);
    await settle();
    server.asked.length = 0;
    asked.value = { ...EVERYTHING, sort: [{ id: "m:loss", desc: false }] };
    expect(windowed.asking.value).toBe(true);
    await settle();
    expect(windowed.asking.value).toBe(false);
    expect(server.asked).toEqual(["sort=metric.loss&first=0&count=200"]);
  });

  test("an answer that is out of date is dropped", async () => {
    const server = new Server();
    const { windowed, asked } = start(server);
    await windowed.stand(HEAD);
    await settle();
    let open = (): void => undefined;
    server.gate = new Promise((resolve) => (open = resolve));
    asked.value = { ...EVERYTHING, filter: "a" };
    asked.value = { ...EVERYTHING, filter: "b" };
    server.gate = null;
    asked.value = { ...EVERYTHING, filter: "c" };
    await settle();
    open();
    await settle();
    expect(windowed.shown.value?.question.filter).toBe("c");
  });

  test("that changed meanwhile are all asked for again", async () => {
    const server = new Server();
    const { windowed } = start(server);
    await windowed.stand(HEAD);
    await settle();
    server.revision = "w2";
    windowed.look([5080, 5100]);
    await settle();
    expect(windowed.shown.value?.revision).toBe("w2");
    expect(windowed.shown.value?.stretches.map(({ position }) => position)).toEqual([5000]);
    server.revision = "w3";
    await windowed.stand({ ...HEAD, revision: "h2" });
    await settle();
    expect(windowed.shown.value?.revision).toBe("w3");
  });

  test("few enough of them are all loaded", async () => {
    const server = new Server();
    server.found = 450;
    const { windowed, table } = start(server);
    await windowed.stand(HEAD);
    await settle();
    expect([windowed.shown.value?.isWhole, table.value?.count]).toEqual([true, 450]);
  });

  test("behind the end the last ones are shown", async () => {
    const server = new Server();
    const { windowed, asked } = start(server);
    await windowed.stand(HEAD);
    windowed.look([90_000, 90_020]);
    await settle();
    server.found = 1000;
    asked.value = { ...EVERYTHING, filter: "few" };
    await settle();
    expect(windowed.shown.value?.stretches[0]?.position).toBe(800);
  });

  test("versions that are open or ticked are loaded beside the list, once", async () => {
    const server = new Server();
    const { windowed, beside, table } = start(server);
    await windowed.stand(HEAD);
    await settle();
    server.asked.length = 0;
    beside.value = ["m:77777", "m:3"];
    await settle();
    expect(server.asked).toEqual(["filter=version in (m:77777)&all=1&first=0&count=1"]);
    expect(table.value?.indexOf.get("m:77777")).toBe(0);
    expect(windowed.shown.value?.stretches).toEqual([{ position: 0, row: 1, count: 200 }]);
  });

  test("references are given for rows that are not there", async () => {
    const server = new Server();
    const { windowed } = start(server);
    await windowed.stand(HEAD);
    expect(await windowed.references([199, 200, 12_345])).toEqual(["m:199", "m:200", "m:12345"]);
  });

  test("a later question does not end the asking for references", async () => {
    const server = new Server();
    const { windowed, asked } = start(server);
    await windowed.stand(HEAD);
    let open = (): void => undefined;
    server.gate = new Promise((resolve) => (open = resolve));
    const found = windowed.references([12_345]);
    asked.value = { ...EVERYTHING, filter: "loss < 1" };
    await settle();
    open();
    expect(await found).toEqual(["m:12345"]);
  });

  test("references of rows that changed meanwhile are all of one list", async () => {
    const server = new Server();
    const { windowed } = start(server);
    await windowed.stand(HEAD);
    const before = server.asked.length;
    server.revision = "w2";
    expect(await windowed.references([0, 250, 12_345])).toEqual(["m:0", "m:250", "m:12345"]);
    const firsts = server.asked.slice(before).map((each) => Number(/first=(\d+)/.exec(each)?.[1]));
    expect(firsts.sort((a, b) => a - b)).toEqual([0, 200, 12_200]);
  });

  test("are left when the page gets all rows itself", async () => {
    const server = new Server();
    const { windowed } = start(server);
    await windowed.stand(HEAD);
    windowed.leave();
    expect([windowed.isOn.value, windowed.shown.value]).toEqual([false, null]);
  });
});

describe("what goes wrong", () => {
  const wrong = (asked: Map<string, string>): ApiError | null =>
    asked.get("filter")?.startsWith("bad") ? new ApiError("No column is called bad.", 400) : null;

  test("a filter that the server does not take leaves the rows as they were", async () => {
    const server = new Server();
    server.refuse = wrong;
    const { windowed, asked } = start(server, { ...EVERYTHING, filter: "good" });
    await windowed.stand(HEAD);
    asked.value = { ...EVERYTHING, filter: "bad < 1" };
    await settle();
    expect(windowed.refused.value).toEqual({ filter: "bad < 1", why: "No column is called bad." });
    expect([windowed.shown.value?.question.filter, windowed.trouble.value]).toEqual(["good", null]);
    asked.value = { ...EVERYTHING, filter: "good again" };
    await settle();
    expect(windowed.refused.value).toBeNull();
  });

  test("a link with such a filter shows the rows without it", async () => {
    const server = new Server();
    server.refuse = wrong;
    const { windowed } = start(server, { ...EVERYTHING, filter: "bad < 1" });
    await windowed.stand(HEAD);
    expect(windowed.shown.value?.question.filter).toBe("");
    expect(windowed.refused.value?.filter).toBe("bad < 1");
  });

  test("a link with an order that is not known shows everything, and says why", async () => {
    const server = new Server();
    server.refuse = (asked) => (asked.has("sort") ? new ApiError("No column is called x.", 400) : null);
    const { windowed } = start(server, { ...EVERYTHING, sort: [{ id: "m:x", desc: true }] });
    await windowed.stand(HEAD);
    expect([windowed.shown.value?.found, windowed.trouble.value]).toEqual([100_000, "No column is called x."]);
  });

  test("where nothing could be loaded the error is the caller's", async () => {
    const server = new Server();
    server.refuse = () => new ApiError("It took too long.", 503);
    await expect(start(server).windowed.stand(HEAD)).rejects.toThrow("It took too long.");
  });

  test("a server that takes too long is asked again after a while", async () => {
    const server = new Server();
    const { windowed, asked } = start(server);
    await windowed.stand(HEAD);
    await settle();
    server.refuse = () => new ApiError("It took too long.", 503);
    asked.value = { ...EVERYTHING, filter: "slow" };
    await settle();
    expect([windowed.trouble.value, windowed.shown.value?.question.filter]).toEqual(["It took too long.", ""]);
    server.refuse = null;
    await vi.advanceTimersByTimeAsync(11_000);
    expect([windowed.trouble.value, windowed.shown.value?.question.filter]).toEqual([null, "slow"]);
  });

  test("counts that could not be had are not known, and can be asked for again", async () => {
    const server = new Server();
    server.refuse = (asked) => (asked.has("facets") ? new ApiError("It took too long.", 503) : null);
    const { windowed } = start(server);
    await windowed.stand(HEAD);
    await settle();
    expect([windowed.facets.value?.found, windowed.facets.value?.error]).toEqual([null, "It took too long."]);
    server.refuse = null;
    windowed.recount();
    await settle();
    expect(windowed.facets.value?.error).toBeNull();
  });
});
