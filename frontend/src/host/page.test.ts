import { afterEach, expect, test, vi } from "vitest";
import { PageHost } from "./page";

afterEach(() => vi.unstubAllGlobals());

const pageAt = (protocol: string, hash = ""): { host: PageHost; written: string[] } => {
  const written: string[] = [];
  const write = (_state: unknown, _title: string, address: string): void => void written.push(address);
  vi.stubGlobal("window", {
    location: { protocol, hash },
    history: { pushState: write, replaceState: write },
    matchMedia: () => ({ matches: false, addEventListener: () => {} }),
  });
  return { host: new PageHost([], ""), written };
};

test("a page in a notebook's frame has no address to write, and keeps its view itself", () => {
  const { host, written } = pageAt("about:");
  host.writeHash("#versions&p.versions.q=x", true);
  expect(host.hash()).toBe("#versions&p.versions.q=x");
  expect(written).toEqual([]);
});

test("any other page has its view in its address", () => {
  const { host, written } = pageAt("file:", "#versions");
  host.writeHash("#versions&p.versions.q=x", false);
  expect(written).toEqual(["#versions&p.versions.q=x"]);
  expect(host.hash()).toBe("#versions");
});
