import { describe, expect, test } from "vitest";
import type { Alias } from "../../api/registry";
import { takeToken } from "../view";
import { byAlias, toneOf } from "./aliases";
import { type Before, bodyOf, type Change, commandOf, transitionOf } from "./commands";

const holder: Alias = {
  ...{ name: "production", number: 13, event: 7, actor: "anna", time: 1, reason: "", previous: [9, 2] },
  another_manifest: false,
};
const NOTHING: Before = { holder: null, aliases: [], approvals: [], deprecated: false, removed: false, label: null, description: "" };

function change(verb: Change["verb"], more: Partial<Change> = {}): Change {
  return {
    verb,
    model: "digits",
    number: 11,
    alias: "production",
    reason: "it's better",
    key: "team",
    value: "ops",
    text: "- a note",
    ...more,
  };
}

const oneLine = (command: string): string => command.replaceAll(" \\\n  ", " ");

describe("the command to copy", () => {
  test.each([
    [
      change("promote"),
      "tb-versions promote digits:11 --alias production --expect digits:13 --reason 'it'\\''s better' --models-dir models",
    ],
    [
      change("rollback"),
      "tb-versions rollback digits --alias production --expect digits:13 --reason 'it'\\''s better' --models-dir models",
    ],
    [change("approve"), "tb-versions approve digits:11 --reason 'it'\\''s better' --models-dir models"],
    [change("label"), "tb-versions label digits:11 team=ops --reason 'it'\\''s better' --models-dir models"],
    [change("label", { value: null, reason: "" }), "tb-versions label digits:11 team= --models-dir models"],
    [change("note"), "tb-versions note --models-dir models -- digits:11 '- a note'"],
  ])("of %j", (asked, command) => {
    expect(oneLine(commandOf(asked, holder, "models"))).toBe(command);
  });

  test("binds the source of files that are elsewhere, where the command looks at them", () => {
    const elsewhere = { source: "nas", path: "digits_v11.keras", bound_to: "/mnt/my nas" };
    expect(oneLine(commandOf(change("promote", { reason: "x" }), null, null, elsewhere))).toBe(
      "tb-versions promote digits:11 --alias production --expect none --reason x --source 'nas=/mnt/my nas'",
    );
    expect(commandOf(change("note", { text: "x" }), null, null, elsewhere)).not.toContain("--source");
  });

  test("expects that nobody was faster where no version holds the alias", () => {
    expect(oneLine(commandOf(change("promote", { reason: "" }), null, null))).toBe(
      "tb-versions promote digits:11 --alias production --expect none --reason '…'",
    );
  });

  test.each(["$(reboot)", "`id`", "a'b", 'a"b', "a\nb", "-rf", "a;b"])("nothing in %j acts in a shell", (text) => {
    const command = commandOf(change("deprecate", { model: text, reason: text }), null, text);
    const quoted = command.replaceAll(/\$'(?:[^'\\]|\\.)*'|'[^']*'|\\'/gs, "");
    expect(quoted).not.toMatch(/[$`;"\n](?!\s)/);
  });
});

describe("the request", () => {
  test("says which version is expected to hold the alias", () => {
    expect(bodyOf(change("promote"), holder)).toEqual({
      model: "digits",
      number: 11,
      alias: "production",
      expect: 13,
      reason: "it's better",
    });
    expect(bodyOf(change("promote"), null).expect).toBeNull();
    expect(bodyOf(change("rollback"), holder)).toEqual({ model: "digits", alias: "production", expect: 13, reason: "it's better" });
    expect(bodyOf(change("label", { value: null }), null)).toEqual({
      model: "digits",
      number: 11,
      key: "team",
      value: null,
      reason: "it's better",
    });
    expect(bodyOf(change("note"), null)).toEqual({ model: "digits", number: 11, text: "- a note" });
  });
});

describe("before and after", () => {
  test("of an alias", () => {
    const before = { ...NOTHING, holder };
    expect(transitionOf(change("promote"), before)).toEqual({
      subject: "production",
      before: "digits 13",
      after: "digits 11",
      refused: "",
      caution: "",
    });
    expect(transitionOf(change("rollback"), before)).toMatchObject({ before: "digits 13", after: "digits 9", refused: "" });
    expect(transitionOf(change("unalias"), before)).toMatchObject({ before: "digits 13", after: "no version" });
    expect(transitionOf(change("promote"), NOTHING).before).toBe("no version");
  });

  test("what is not what was promoted can be promoted again", () => {
    const before = { ...NOTHING, holder: { ...holder, another_manifest: true } };
    const again = transitionOf(change("promote", { number: 13 }), before);
    expect(again).toMatchObject({ before: "digits 13 (not what was promoted)", after: "digits 13", refused: "" });
  });

  test("what can't be done is said before it is tried", () => {
    expect(transitionOf(change("promote", { number: 13 }), { ...NOTHING, holder }).refused).toBe("digits 13 holds production already.");
    expect(transitionOf(change("promote"), { ...NOTHING, removed: true }).refused).toContain("was removed");
    expect(transitionOf(change("rollback"), { ...NOTHING, holder: { ...holder, previous: [] } }).refused).toContain("no earlier holder");
    expect(transitionOf(change("promote", { alias: "" }), NOTHING).refused).toBe("Name an alias.");
    expect(transitionOf(change("note", { text: " " }), NOTHING).refused).toBe("Write the note.");
    expect(transitionOf(change("promote", { reason: " " }), NOTHING).refused).toBe("Say why.");
    expect(transitionOf(change("promote"), { ...NOTHING, deprecated: true }).caution).toBe("digits 11 is deprecated.");
  });
});

test("production comes first; colours follow from names alone", () => {
  expect(["canary", "production", "a"].sort(byAlias)).toEqual(["production", "a", "canary"]);
  expect(toneOf("production")).toBe(0);
  const tones = ["canary", "staging", "shadow", "a", "b", "c"].map(toneOf);
  expect(tones).toEqual(["canary", "staging", "shadow", "a", "b", "c"].map(toneOf));
  expect(tones.every((tone) => tone >= 1 && tone <= 7)).toBe(true);
});

describe("the token in the address", () => {
  test("is taken out of it, and nothing else is", () => {
    expect(takeToken("#versions&p.versions.q=a%20b&p.versions.token=s3cret&other=1")).toEqual({
      token: "s3cret",
      hash: "#versions&p.versions.q=a%20b&other=1",
    });
    expect(takeToken("#versions&p.versions.%74oken=s3cret")).toEqual({ token: "s3cret", hash: "#versions" });
    expect(takeToken("#versions&p.versions.q=token")).toBeNull();
  });
});
