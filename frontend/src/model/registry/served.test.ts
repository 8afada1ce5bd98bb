import { expect, test } from "vitest";
import type { ServedPlace } from "../../api/served";
import { servedMark } from "./served";

function place(labels: Record<string, number>, versions: number[], more: Partial<ServedPlace> = {}): ServedPlace {
  const models = { digits: { policy: "specific", versions, labels } };
  return { where: "models.config", kind: "file", problem: "", models, left_out: 0, ...more };
}

const mark = (places: ServedPlace[], number: string, ...aliases: string[]) => servedMark(places, "digits", number, aliases);

test("a version that is served as its alias says so", () => {
  expect(mark([place({ production: 2 }, [1, 2])], "2", "production")).toEqual({
    text: "served",
    tone: "good",
    sentences: ["served by models.config as production"],
  });
});

test("a version that is loaded without an alias is served, and that is neither good nor bad", () => {
  expect(mark([place({ production: 2 }, [1, 2])], "1")?.tone).toBe("plain");
});

test("an alias that leads to another version is told, and where it leads", () => {
  expect(mark([place({ production: 1 }, [1, 2])], "2", "production")).toEqual({
    text: "not served as production",
    tone: "warn",
    sentences: ["served by models.config: production leads to version 1"],
  });
  expect(mark([place({ production: 1 }, [1])], "2", "production")?.text).toBe("not served");
});

test("without labels it is enough that the version is served", () => {
  expect(mark([place({}, [2])], "2", "production")?.text).toBe("served");
});

test("of two places that disagree the worse one counts, and both are told", () => {
  const found = mark([place({ production: 2 }, [2]), place({ production: 1 }, [1], { where: "http://b" })], "2", "production");
  expect(found?.text).toBe("not served");
  expect(found?.sentences).toHaveLength(2);
});

test("what is not known is not told: a problem, a policy that names no versions, a model that was not asked for", () => {
  expect(mark([place({}, [2], { problem: "It does not answer." })], "2", "production")).toBeNull();
  const latest = { digits: { policy: "latest", versions: [], labels: {} } };
  expect(mark([place({}, [], { models: latest })], "2", "production")).toBeNull();
  expect(mark([place({}, [], { models: {}, left_out: 3 })], "2", "production")).toBeNull();
  expect(mark([place({}, [], { models: {} })], "2", "production")?.text).toBe("not served");
  expect(mark([], "2", "production")).toBeNull();
});

test("versions above 2^53 and models with the name of a property are found as they are", () => {
  const big = place({}, [], { models: { digits: { policy: "specific", versions: ["9007199254740993"], labels: {} } } });
  expect(mark([big], "9007199254740993")?.text).toBe("served");
  expect(servedMark([place({}, [])], "constructor", "1", [])).toBeNull();
});
