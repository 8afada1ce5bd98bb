import { execFileSync } from "node:child_process";
import { describe, expect, it, test } from "vitest";
import type { TensorSpec } from "../api/types";
import {
  adoptCommand,
  type Callable,
  curlSnippet,
  defaultSignature,
  formatShape,
  loadSnippet,
  modelsDir,
  pythonQuote,
  reproduceCommand,
  requestsSnippet,
  savedModelSnippet,
  serveSnippet,
  shellQuote,
  type Target,
  verifyCommand,
} from "./snippets";

const DIGITS: Target = { model: "digits", number: "3", folder: "demo/models/digits/3" };

function tensor(name: string, dtype: string, shape: (number | null)[] | null): TensorSpec {
  return { name, dtype, shape, tensor: `${name}:0` };
}

function signature(inputs: TensorSpec[], key = "serving_default"): Callable {
  return { key, inputs, outputs: [tensor("probs", "float32", [null, 10])] };
}

const IMAGE = tensor("image", "float32", [null, 8, 8, 1]);

const NASTY = [
  "it's",
  'say "hi"',
  "$(touch /tmp/x)",
  "`id`",
  "a\\b",
  "a\\",
  "\\'",
  "$HOME $PATH $((1+1)) !!",
  "two\nlines",
  "tab\there",
  "bell\u0007 escape\u001b[201~ del\u007f",
  "\u202eevil\u202c",
  "zero\u200bwidth",
  "\u2028\u2029",
  "C1\u009b31m",
  "-rf",
  "=x",
  "~",
  "*",
  "#x",
  "; rm -rf /",
  "",
  " ",
  "ünï코드 😀",
  "'; print(1) #",
  "\ufeffbom",
  "\u{e0041}tag",
  "\\x41\\101",
  "1\u00012",
];

describe("shellQuote", () => {
  it.each(NASTY)("bash reads back %j", (text) => {
    const printed = execFileSync("bash", ["--norc", "-c", `printf %s ${shellQuote(text)}`], {
      encoding: "utf8",
      env: { LC_ALL: "C.UTF-8" },
    });
    expect(printed).toBe(text);
  });

  it.each(NASTY)("nothing invisible is left of %j", (text) => {
    expect(shellQuote(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it("plain words stay plain", () => {
    expect(shellQuote("digits:3")).toBe("digits:3");
    expect(shellQuote("/data/models")).toBe("/data/models");
  });
});

describe("pythonQuote", () => {
  it.each(NASTY)("is the string %j", (text) => {
    const literal = pythonQuote(text);
    expect(literal).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(literal.slice(1, -1).replace(/\\./gu, "")).not.toContain('"');
    const asJson = literal
      .replace(/\\x(..)/g, "\\u00$1")
      .replace(/\\U(.{8})/g, (_, hex: string) => JSON.stringify(String.fromCodePoint(Number.parseInt(hex, 16))).slice(1, -1));
    if (!text.includes("\\")) expect(JSON.parse(asJson)).toBe(text);
  });

  it("escapes backslashes, quotes and lone surrogates", () => {
    expect(pythonQuote('a\\b"c')).toBe('"a\\\\b\\"c"');
    expect(pythonQuote("\ud800")).toBe('"\\ud800"');
    expect(pythonQuote("\u{e0041}")).toBe('"\\U000e0041"');
  });
});

describe("loading", () => {
  it("finds the folder of all models", () => {
    expect(modelsDir(DIGITS)).toBe("demo/models");
    expect(modelsDir({ ...DIGITS, folder: "/digits/3" })).toBe("/");
    expect(modelsDir({ ...DIGITS, folder: "elsewhere/export" })).toBeNull();
    expect(modelsDir({ ...DIGITS, folder: null })).toBeNull();
  });

  it("loads through tb_versions", () => {
    expect(loadSnippet(DIGITS, true)).toBe('import tb_versions as tbv\n\nmodel = tbv.load("digits:3", models_dir="demo/models")');
    expect(loadSnippet(DIGITS, false)).toContain('folder = tbv.path("digits:3", models_dir="demo/models")');
  });

  it("calls the signature by its names, types and shapes", () => {
    expect(savedModelSnippet(DIGITS, signature([IMAGE]), null)).toBe(
      [
        "import tensorflow as tf",
        "",
        'model = tf.saved_model.load("demo/models/digits/3")',
        'predict = model.signatures["serving_default"]',
        "outputs = predict(image=tf.zeros([1, 8, 8, 1], tf.float32))",
        'print(outputs["probs"])',
      ].join("\n"),
    );
  });

  it("passes names that are no Python names in a dictionary", () => {
    const text = savedModelSnippet(DIGITS, signature([tensor("input-1", "int64", [null]), tensor("class", "string", [null])]), [
      "serve",
      "gpu",
    ]);
    expect(text).toContain('predict(**{\n    "input-1": tf.zeros([1], tf.int64),\n    "class": tf.fill([1], "text"),\n})');
    expect(text).toContain('tf.saved_model.load("demo/models/digits/3", tags=["serve", "gpu"])');
  });

  it("a hostile type stays a text", () => {
    const text = savedModelSnippet(DIGITS, signature([tensor("x", 'float32); import os; os.system("id")', [])]), null);
    expect(text).toContain('tf.zeros([], "float32); import os; os.system(\\"id\\")")');
  });

  it("verifies from the shell", () => {
    expect(verifyCommand(DIGITS)).toBe("tb-versions verify digits:3 \\\n  --models-dir demo/models");
    expect(verifyCommand({ model: "digits", number: "3", folder: null })).toBe("tb-versions verify digits:3");
    expect(verifyCommand({ model: "-x;id", number: "3", folder: null })).toBe("tb-versions verify -- '-x;id:3'");
  });
});

describe("serving", () => {
  const url = "http://localhost:8501/v1/models/digits/versions/3:predict";

  it("sends one example in row format", () => {
    expect(curlSnippet(DIGITS, signature([tensor("x", "float32", [null, 2])]))).toBe(
      `curl -X POST ${url} \\\n  -d '{"instances": [[0.0, 0.0]]}'`,
    );
  });

  it("names the inputs where there are several, and the signature where it is not the default", () => {
    const two = signature([tensor("a", "int32", [null]), tensor("b", "bool", [null, 1])], "score");
    expect(curlSnippet(DIGITS, two)).toContain(`'{"signature_name": "score", "instances": [{"a": 0, "b": [false]}]}'`);
    expect(requestsSnippet(DIGITS, two)).toContain('json={"signature_name": "score", "instances": [{"a": 0, "b": [False]}]},');
    expect(requestsSnippet(DIGITS, two)).toContain('["predictions"]');
  });

  it("uses the column format where an input has no free first dimension", () => {
    const fixed = signature([tensor("a", "float32", [2]), tensor("b", "float32", [])]);
    expect(curlSnippet(DIGITS, fixed)).toContain(`'{"inputs": {"a": [0.0, 0.0], "b": 0.0}}'`);
    expect(requestsSnippet(DIGITS, fixed)).toContain('["outputs"]');
  });

  it("sends texts as texts and bytes as base64", () => {
    expect(curlSnippet(DIGITS, signature([tensor("text", "string", [null])]))).toContain(`["text"]`);
    expect(curlSnippet(DIGITS, signature([tensor("image_bytes", "string", [null])]))).toContain(`[{"b64": "AA=="}]`);
  });

  it("does not write a large example out, and its program is the same request", () => {
    const large = curlSnippet(DIGITS, signature([tensor("image", "float32", [null, 3, 20, 30])])) ?? "";
    expect(large.length).toBeLessThan(300);
    const program = large.split(" |\n")[0] ?? "";
    const sent = JSON.parse(execFileSync("bash", ["--norc", "-c", program], { encoding: "utf8" }));
    expect(sent.instances).toHaveLength(1);
    expect(sent.instances[0]).toHaveLength(3);
    expect(sent.instances[0][2]).toHaveLength(20);
    expect(sent.instances[0][2][19]).toEqual(Array(30).fill(0));
  });

  it("has nothing to say where JSON can't carry a type, or there is no input", () => {
    expect(curlSnippet(DIGITS, signature([tensor("z", "complex64", [null])]))).toBeNull();
    expect(requestsSnippet(DIGITS, signature([tensor("r", "resource", [])]))).toBeNull();
    expect(curlSnippet(DIGITS, signature([]))).toBeNull();
  });

  it.each([[[30_000_000, 0]], [[0, 30_000_000]], [[...Array<number>(24).fill(2), 0]]])(
    "does not write out what surrounds an empty dimension: %j",
    (shape) => {
      const empty = signature([tensor("x", "float32", shape)]);
      expect(curlSnippet(DIGITS, empty)?.length).toBeLessThan(1000);
      expect(requestsSnippet(DIGITS, empty)?.length).toBeLessThan(1000);
    },
  );

  it("survives absurd shapes", () => {
    const absurd = signature([tensor("x", "float32", Array(100_000).fill(1)), tensor("y", "float32", [9e15, 9e15])]);
    expect(curlSnippet(DIGITS, absurd)?.length).toBeLessThan(1000);
    expect(formatShape("float32", Array(100_000).fill(1))).toBe("float32[…]");
  });

  it.each(NASTY)("one word of bash each, with model and input named %j", (name) => {
    const target = { model: name, number: "3", folder: `models/${name}/3` };
    const command = curlSnippet(target, signature([tensor(name, "float32", [null]), tensor("b", "int8", [null])])) ?? "";
    const words = execFileSync("bash", ["--norc", "-c", command.replace("curl", "printf '%s\\0'")], {
      encoding: "utf8",
      env: { LC_ALL: "C.UTF-8" },
    }).split("\0");
    expect(words.slice(0, -1)).toHaveLength(5);
    expect(words[2]).toBe(`http://localhost:8501/v1/models/${encodeURIComponent(name)}/versions/3:predict`);
    expect(Object.keys(JSON.parse(words[4] ?? "").instances[0]).sort()).toEqual([name, "b"].sort());
  });

  it.each(NASTY)("the server's command survives a model named %j", (name) => {
    const command = serveSnippet({ model: name, number: "3", folder: `models/${name}/3` }) ?? "";
    const run = command.replace("tensorflow_model_server", "printf '%s\\0'");
    const words = execFileSync("bash", ["--norc", "-c", run], { encoding: "utf8", env: { LC_ALL: "C.UTF-8", PWD: "/w" }, cwd: "/" }).split(
      "\0",
    );
    expect(words[1]).toBe(`--model_name=${name}`);
    expect(words[2]).toMatch(/^--model_base_path=\//);
    expect(words[2]?.endsWith(`models/${name}`)).toBe(true);
  });
});

describe("defaultSignature", () => {
  it("prefers serving_default and never picks TensorFlow's own", () => {
    const keys = (list: string[]) => list.map((key) => ({ key }));
    expect(defaultSignature(keys(["a", "serving_default"]))?.key).toBe("serving_default");
    expect(defaultSignature(keys(["__saved_model_init_op", "score"]))?.key).toBe("score");
    expect(defaultSignature(keys(["__saved_model_init_op"]))).toBeNull();
  });
});

describe("formatShape", () => {
  it("shows free dimensions and unknown ranks", () => {
    expect(formatShape("float32", [null, 8, 8, 1])).toBe("float32[?, 8, 8, 1]");
    expect(formatShape("string", [])).toBe("string[]");
    expect(formatShape("int64", null)).toBe("int64[…]");
  });
});

test("models without a manifest become versions by one command, whatever their folder's name", () => {
  expect(adoptCommand(["models"], "logs")).toBe("tb-versions adopt models --logdir=logs");
  expect(adoptCommand(["-a b", "c"], null)).toBe("tb-versions adopt './-a b' c");
  expect(adoptCommand(['a"\n\u202eb'], null)).not.toMatch(/\u202e|\n/);
});

describe("reproduceCommand", () => {
  it("names the version, the models folder and a new folder", () =>
    expect(reproduceCommand(DIGITS)).toBe("tb-versions reproduce digits:3 \\\n  --out digits-3-again \\\n  --models-dir demo/models"));

  it("has no models folder where that is not known", () =>
    expect(reproduceCommand({ ...DIGITS, folder: null })).toBe("tb-versions reproduce digits:3 \\\n  --out digits-3-again"));

  it.each(NASTY)("has no folder or option of %j's making", (model) => {
    const [, out = ""] = /--out (\S+)/.exec(reproduceCommand({ ...DIGITS, model, folder: null })) ?? [];
    expect(out).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*-3-again$/);
  });
});
