import { describe, expect, test } from "vitest";
import { defaultColumns, layout, moveBehind, NO_CHOICE, naturalOrder, nudge, setShown } from "./choice";
import { buildTable } from "./columns";
import { modelsNamed } from "./lead";
import { metric, samplePayload } from "./testing";

const table = buildTable(samplePayload());

describe("columns that are shown without asking", () => {
  test("the model is one where there are several", () => {
    expect(defaultColumns(table, false).has("model")).toBe(true);
    expect(defaultColumns(table, true).has("model")).toBe(false);
  });

  test("hyperparameters that are the same everywhere are not", () => {
    const payload = samplePayload();
    payload.hyperparameters.push({ name: "epochs", values: [5, 5, 5, 5] });
    const shown = defaultColumns(buildTable(payload), true);
    expect(shown.has("hp:optimizer")).toBe(true);
    expect(shown.has("hp:epochs")).toBe(false);
  });

  test("of many metrics the first six", () => {
    const payload = samplePayload();
    payload.metrics = Array.from({ length: 20 }, (_, i) => metric(`m${i}`, "unknown", [i, 1, 2, 3]));
    expect([...defaultColumns(buildTable(payload), true)].filter((id) => id.startsWith("m:"))).toHaveLength(6);
  });

  test("of a ticked model those that its versions have", () => {
    const payload = samplePayload();
    payload.metrics.push(metric("val_auc", "max", [null, null, null, 0.8]), metric("val_loss [other]", "min", [null, null, null, 0.1]));
    payload.hyperparameters.push({ name: "depth", values: [null, null, null, 6] });
    const two = buildTable(payload);
    const ofDigits = defaultColumns(two, true, modelsNamed(two, ["digits"]));
    expect(ofDigits.has("m:val_accuracy")).toBe(true);
    expect(ofDigits.has("m:val_auc")).toBe(false);
    expect(ofDigits.has("hp:optimizer")).toBe(true);
    const ofChurn = [...defaultColumns(two, true, modelsNamed(two, ["churn"]))];
    expect(ofChurn.filter((id) => /^(m|best|hp):/.test(id))).toEqual(["m:val_auc", "m:val_loss [other]"]);
    expect(naturalOrder(two, modelsNamed(two, ["churn"])).find((id) => id.startsWith("m:"))).toBe("m:val_auc");
  });
});

describe("what the reader changes", () => {
  const natural = ["version", "a", "b", "c", "d"];
  const defaults = new Set(["version", "a", "b", "c"]);

  test("only differences from the defaults are kept", () => {
    let choice = setShown(NO_CHOICE, defaults, ["d"], true);
    expect(choice.shown).toEqual(["d"]);
    choice = setShown(choice, defaults, ["d", "a"], false);
    expect(choice).toEqual({ shown: [], hidden: ["a"], moved: [] });
    expect(setShown(choice, defaults, ["a"], true)).toEqual(NO_CHOICE);
  });

  test("the version can be neither hidden nor moved", () => {
    expect(setShown(NO_CHOICE, defaults, ["version"], false)).toEqual(NO_CHOICE);
    expect(moveBehind(NO_CHOICE, "version", "c")).toEqual(NO_CHOICE);
  });

  test("a moved column stands behind its neighbour", () => {
    const choice = moveBehind(NO_CHOICE, "c", "version");
    expect(layout(natural, defaults, choice).visible).toEqual(["version", "c", "a", "b"]);
    expect(layout(natural, defaults, moveBehind(choice, "c", "b")).visible).toEqual(["version", "a", "b", "c"]);
  });

  test("one step left and right among the visible", () => {
    const visible = ["version", "a", "b", "c"];
    expect(layout(natural, defaults, nudge(NO_CHOICE, visible, "b", -1)).visible).toEqual(["version", "b", "a", "c"]);
    expect(layout(natural, defaults, nudge(NO_CHOICE, visible, "b", 1)).visible).toEqual(["version", "a", "c", "b"]);
    expect(nudge(NO_CHOICE, visible, "a", -1)).toEqual(NO_CHOICE);
    expect(nudge(NO_CHOICE, visible, "c", 1)).toEqual(NO_CHOICE);
  });

  test("columns that are gone are ignored", () => {
    const choice = { shown: ["gone"], hidden: ["gone2"], moved: [["gone", "a"] as [string, string], ["a", "gone"] as [string, string]] };
    expect(layout(natural, defaults, choice).visible).toEqual(["version", "a", "b", "c"]);
  });
});

test("constant hyperparameters come behind those that differ", () => {
  const payload = samplePayload();
  payload.hyperparameters.unshift({ name: "epochs", values: [5, 5, 5, 5] });
  const order = naturalOrder(buildTable(payload));
  expect(order.indexOf("hp:epochs")).toBeGreaterThan(order.indexOf("hp:optimizer"));
  expect(order[0]).toBe("version");
  expect(new Set(order).size).toBe(order.length);
});
