import { describe, expect, test } from "vitest";
import { buildTable } from "../columns";
import { NOW, samplePayload } from "../testing";
import { compile, endsInWord, isUnfinished } from "./compile";

const table = buildTable(samplePayload());

function found(source: string): string[] {
  const { predicate, error } = compile(source, table, NOW);
  expect(error).toBeNull();
  return table.ids.filter((_, row) => !predicate || predicate(row));
}

function wrong(source: string) {
  const { error } = compile(source, table, NOW);
  expect(error).not.toBeNull();
  return error;
}

describe("what a filter finds", () => {
  test.each([
    ["", ["digits:1", "digits:2", "digits:10", "churn:1"]],
    ["val_accuracy > 0.9", ["digits:2"]],
    ["val_accuracy>=0.9", ["digits:1", "digits:2"]],
    ['val_accuracy >= 0.9 and optimizer = "adam"', ["digits:1"]],
    ["optimizer = adam or optimizer = sgd", ["digits:1", "digits:2", "digits:10"]],
    ["optimizer in (adam, sgd) and not step = 50", ["digits:1", "digits:2"]],
    ["optimizer not in (adam)", ["digits:2", "churn:1"]],
    ["not (optimizer = adam)", ["digits:2", "churn:1"]],
    ["optimizer != adam", ["digits:2"]],
    ["optimizer ~ ADA", ["digits:1", "digits:10"]],
    ["val_accuracy = nan", ["digits:10"]],
    ["val_accuracy != nan", ["digits:1", "digits:2"]],
    ["best.val_accuracy > 0.98", ["digits:10"]],
    ["last.val_accuracy = 0.94", ["digits:2"]],
    ["has label.team", ["digits:1", "digits:10"]],
    ["missing val_loss", ["churn:1"]],
    ["has alias", ["digits:2", "digits:10"]],
    ["alias = production", ["digits:2"]],
    ["alias = canary", ["digits:10"]],
    ["state = damaged", ["churn:1"]],
    ["model = digits and version > 1", ["digits:2", "digits:10"]],
    ["version = 2", ["digits:2"]],
    ["version = 2.0.0", ["digits:10"]],
    ["run = train/val", ["digits:1", "digits:2"]],
    ['run = "a|b"', ["digits:10"]],
    ["missing run", ["churn:1"]],
    ["step < 100", ["digits:10"]],
    ["size > 2MB", ["digits:2", "digits:10"]],
    ["hp.size = 2", ["digits:2"]],
    ["lr = 0.1", ["digits:1"]],
    ["lr = auto", ["digits:2"]],
    ["`odd name (x)` = true", ["digits:1"]],
    ['"odd name (x)" = false', ["digits:2"]],
    ['hp."odd name (x)" = true', ["digits:1"]],
    ["created > 7d", ["digits:2", "digits:10"]],
    ["created < 7d", ["digits:1"]],
    ["created = 2026-11-22", ["digits:10"]],
    ["created > 2026-11-21", ["digits:10"]],
    ["created >= 2026-11-21", ["digits:2", "digits:10"]],
    ["augmentation", ["digits:2"]],
    ["AUGMENTATION production", ["digits:2"]],
    ['"better aug"', ["digits:2"]],
    ["adam 2.0.0", ["digits:10"]],
    ["VAL_ACCURACY > 0.9", ["digits:2"]],
    ["metric.val_loss <= .2", ["digits:2"]],
  ])("%s", (source, ids) => {
    expect(found(source)).toEqual(ids);
  });
});

describe("what is wrong is named where it is", () => {
  test.each([
    ["optimzer = adam", 0, /No column is called optimzer\. Did you mean optimizer\?/, "optimizer"],
    ["val_loss > 1 and val_acuracy > 2", 17, /Did you mean val_accuracy\?/, "val_accuracy"],
    ["val_loss > high", 11, /high is no number/, null],
    ["state = missng", 8, /Did you mean missing\?/, "missing"],
    ["created > soon", 10, /soon is no date/, null],
    ["(val_loss > 1", 0, /never closed/, null],
    ["val_loss > 1)", 12, /closes nothing/, null],
    ["val_loss >", 10, /A value is missing behind >/, null],
    ["> 1", 0, /A name is missing before >/, null],
    ['optimizer = "adam', 12, /quote is never closed/, null],
    ["optimizer in (adam sgd)", 19, /comma is missing/, null],
    ["optimizer in (adam", 13, /never closed/, null],
    ["a and", 5, /Something is missing/, null],
    ["()", 1, /Nothing between/, null],
    ["`optimizer`", 0, /An operator is missing/, null],
    ["! x", 0, /means nothing here/, "not "],
  ])("%s", (source, at, message, fix) => {
    const error = wrong(source);
    expect(error?.at).toBe(at);
    expect(error?.message).toMatch(message);
    expect(error?.fix).toBe(fix);
  });
});

describe("hostile text", () => {
  test.each([
    "(".repeat(3900),
    "not ".repeat(900),
    "a and ".repeat(600),
    '"\\'.repeat(1900),
    "a = ".repeat(900),
    `${"[".repeat(2000)}`,
    "`".repeat(3999),
    "x.".repeat(1999),
    "0".repeat(3999),
    `step = ${"9".repeat(3900)}`,
    `created > ${"1".repeat(3900)}d`,
    "x".repeat(10_000),
    "\u202e\u0000 = \ud800",
  ])("is answered, whatever it asks", (source) => {
    expect(compile(source, table, NOW)).toHaveProperty("error");
  });

  test("deep nesting is refused with a sentence", () => {
    expect(wrong(`${"(".repeat(100)}a${")".repeat(100)}`)?.message).toMatch(/levels deep/);
  });

  test("names of Object.prototype are unknown columns, not surprises", () => {
    for (const name of ["__proto__", "constructor", "toString"]) expect(wrong(`${name} = 1`)?.message).toContain(name);
  });
});

describe("a value in another case", () => {
  const hint = (source: string) => compile(source, table, NOW).hint;

  test("is hinted at where nothing has the written one", () => {
    expect(hint("optimizer = Adam")).toEqual({ message: expect.stringContaining("minds the case"), at: 12, end: 16, fix: "adam" });
    expect(hint('optimizer != "SGD"')?.fix).toBe("sgd");
    expect(hint("optimizer in (adam, Sgd)")?.fix).toBe("sgd");
    expect(hint("alias = Production")?.fix).toBe("production");
    expect(hint("model = Digits")?.fix).toBe("digits");
  });

  test("is none where a version has it, where nothing is like it, and for a search", () => {
    for (const source of ["optimizer = adam", "optimizer = lion", "optimizer ~ Adam", "Adam", "step = 100"]) {
      expect(hint(source), source).toBeNull();
    }
  });
});

test("a word may go on until a space, a quote or a bracket ends it", () => {
  for (const open of ["ad", "optimizer = ad", "step > 1", "not x"]) expect(endsInWord(open), open).toBe(true);
  for (const done of ["", "ad ", 'optimizer = "ad"', "(ad)", "optimizer =", "x in (a,"]) expect(endsInWord(done), done).toBe(false);
});

test("a name that is still being written is not searched as a word", () => {
  expect(isUnfinished("val_loss > 1 and opt", table)).toBe(true);
  expect(isUnfinished("val_a", table)).toBe(true);
  expect(isUnfinished("val_loss > 1 and opt ", table)).toBe(false);
  expect(isUnfinished("val_loss > 1 and val_accuracy ", table)).toBe(true);
  expect(isUnfinished("val_loss ", table)).toBe(true);
  expect(isUnfinished("val_loss > 1 an", table)).toBe(true);
  expect(isUnfinished("val_loss > 1 augm", table)).toBe(false);
  expect(isUnfinished("augm", table)).toBe(false);
  // "mod" begins "model", but no version contains it: wait.
  expect(isUnfinished("mod", table)).toBe(true);
  expect(isUnfinished("prod", table)).toBe(false);
});
