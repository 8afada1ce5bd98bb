import { describe, expect, test } from "vitest";
import { buildTable, type Table } from "./columns";
import { leading, leadingMetric, leadsOf, metricsOf, modelsNamed, rowsOf } from "./lead";
import { code, metric, samplePayload } from "./testing";

/** digits 1, 2, 10 and churn 1. */
function tableOf(...metrics: ReturnType<typeof metric>[]): Table {
  return buildTable({ ...samplePayload(), metrics });
}

describe("the lead metric", () => {
  test("is a validation metric whose goal is known", () => {
    const of = (...names: [string, "max" | "min" | "unknown"][]) =>
      leadingMetric(tableOf(...names.map(([name, goal]) => metric(name, goal, [1, 2, 3, 4]))));
    expect(of(["loss", "min"], ["val_loss", "min"], ["val_accuracy", "max"])).toBe("val_accuracy");
    expect(of(["loss", "min"], ["val_loss", "min"])).toBe("val_loss");
    expect(of(["spikes", "unknown"], ["loss", "min"])).toBe("loss");
    expect(of(["spikes", "unknown"])).toBe("spikes");
    expect(of()).toBeNull();
  });

  test("is the one whose goal the author gave, as for a monitored metric", () => {
    const said = metric("latency", "min", [1, 2, 3, 4], { goal_source: "manifest" });
    expect(leadingMetric(tableOf(metric("val_accuracy", "max", [1, 2, 3, 4]), said))).toBe("latency");
  });

  test("each model has its own, and the largest model comes first", () => {
    const table = tableOf(
      metric("val_auc", "max", [null, null, null, 0.8]),
      metric("val_accuracy", "max", [0.9, null, 0.95, null]),
      metric("val_loss", "min", [0.3, 0.2, 0.25, 0.6]),
    );
    expect(leadsOf(table)).toEqual(["val_accuracy", "val_auc"]);
    expect(metricsOf(table, null).map((each) => each.key)).toEqual(["val_accuracy", "val_auc", "val_loss"]);
    expect(metricsOf(table, modelsNamed(table, ["churn"])).map((each) => each.key)).toEqual(["val_auc", "val_loss"]);
    expect(leadingMetric(table, modelsNamed(table, ["churn"]))).toBe("val_auc");
  });

  test("is the one that the newest version names, and else a guess that is marked", () => {
    const metrics = [
      metric("val_auc", "max", [0.8, 0.7, null, 0.8]),
      metric("f1 [test]", "max", [0.5, 0.5, 0.5, null], { name: "f1", dataset: "test" }),
      metric("loss", "min", [0.1, 0.2, 0.3, 0.4]),
    ];
    const named = (...names: (string | null)[]) => {
      const payload = samplePayload();
      return buildTable({ ...payload, metrics, columns: { ...payload.columns, lead_metric: code(names) } });
    };
    const table = named("val_auc", "loss", null, null);
    expect(leadsOf(table)).toEqual(["loss", "val_auc"]);
    expect(leadingMetric(table)).toBe("loss");
    expect(["loss", "val_auc", "f1 [test]"].map((key) => leading(table, null, key))).toEqual(["named", "guessed", null]);
    expect(leadsOf(named(null, null, "f1", null))[0]).toBe("f1 [test]");
    expect(leadsOf(named(null, null, "gone", null))[0]).toBe("val_auc");
    expect(leading(named(null, null, "gone", null), null, "val_auc")).toBe("guessed");
  });

  test("counts where only the run has values", () => {
    const table = tableOf(metric("val_f1", "max", [null, null, null, null], { best: [null, null, null, 0.7] }));
    expect(leadsOf(table)).toEqual([null, "val_f1"]);
  });
});

test("models that are not there are all models", () => {
  const table = tableOf();
  expect(modelsNamed(table, [])).toBeNull();
  expect(modelsNamed(table, ["gone"])).toBeNull();
  expect([...(rowsOf(table, modelsNamed(table, ["churn", "gone"])) ?? [])]).toEqual([3]);
  expect(rowsOf(table, null)).toBeNull();
});
