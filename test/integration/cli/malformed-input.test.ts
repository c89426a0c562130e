import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFolder, type Folder } from "./in-process.ts";

let folder: Folder;

beforeAll(() => {
  folder = createFolder();
});
afterAll(() => folder[Symbol.dispose]());

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

const ECHO = "name: good\ninput: { load: { type: number, maximum: 10 } }\nsteps:\n  - { id: a, run: echo a }\n";

/** What is wrong, the code it gets, and where: line and column, or none for problems outside a file. */
const WORKFLOWS: readonly (readonly [name: string, text: string, code: string, place: string])[] = [
  ["syntax that is no YAML", "name: x\nsteps:\n  - id: [", "DEF_SYNTAX", "3:"],
  ["an empty file", "", "DEF_EMPTY", "1:1"],
  ["a list instead of a map", "- a\n- b\n", "DEF_ROOT", "1:1"],
  ["a key twice", "name: x\nname: y\nsteps: [{ id: a, run: echo }]\n", "DEF_DUPLICATE_KEY", "2:1"],
  ["an unknown key", "name: x\nstepz: []\nsteps: [{ id: a, run: echo }]\n", "DEF_UNKNOWN_KEY", "2:1"],
  ["a key of a later version", "name: x\nbudget: { usd: 4 }\nsteps: [{ id: a, run: echo }]\n", "DEF_NOT_YET", "2:1"],
  ["an unknown step type", "name: x\nsteps: [{ id: a, type: shel }]\n", "DEF_UNKNOWN_TYPE", "2:"],
  ["a need that does not exist", "name: x\nsteps: [{ id: a, run: echo, needs: [b] }]\n", "DEF_UNKNOWN_STEP", "2:"],
  ["a circle", "name: x\nsteps:\n  - { id: a, run: echo, needs: [b] }\n  - { id: b, run: echo, needs: [a] }\n", "DEF_CYCLE", "3:"],
  [
    "a reference to nothing",
    'name: x\nsteps:\n  - { id: a, run: "echo {{ input.lod }}" }\ninput: { load: { type: number } }\n',
    "DEF_",
    "3:",
  ],
  ["an expression that ends too early", "name: x\nsteps:\n  - { id: a, run: echo, when: input.a > }\n", "DEF_UNFINISHED", "3:"],
  ["a schema that is none", "name: x\ninput: { load: { type: nonsense } }\nsteps: [{ id: a, run: echo }]\n", "DEF_BAD_SCHEMA", "2:"],
];

/** Nobody wants to read our stack because their file has a typing error. */
function expectNoStack(text: string): void {
  expect(text).not.toMatch(/^\s+at .*[:(]\d+:\d+\)?$/m);
  expect(text).not.toContain("node:internal");
}

describe("a malformed workflow is told with place, code and fix, and exit code 2", () => {
  test.each(WORKFLOWS)("%s", async (_, text, code, place) => {
    const path = file("wrong.troupe.yaml", text);
    for (const command of ["validate", "run", "plan"]) {
      const { code: exitCode, out, err } = await folder.run([command, path]);
      expect([command, exitCode]).toEqual([command, 2]);
      expect(err).toContain(`(${code.endsWith("_") ? code : `${code})`}`);
      expect(err).toContain(`${path}:${place}`);
      expectNoStack(out + err);
    }
  });

  test("bytes that are no text", async () => {
    const { code, err } = await folder.run(["run", file("binary.troupe.yaml", Uint8Array.from([0, 1, 2, 255, 254]))]);
    expect(code).toBe(2);
    expect(err).toMatch(/DEF_/);
    expectNoStack(err);
  });

  test("a place gets a code frame with a caret", async () => {
    const { err } = await folder.run(["plan", file("cycle.troupe.yaml", "name: x\nsteps:\n  - { id: a, run: echo, when: input.a > }\n")]);
    expect(err).toContain("  3 │   - { id: a, run: echo, when: input.a > }\n");
    expect(err).toMatch(/^ {4}│ +\^+$/m);
    expect(err).toMatch(/^ {2}fix: /m);
  });

  test("all findings are told at once", async () => {
    const { err } = await folder.run(["validate", file("two.troupe.yaml", "name: x\nfoo: 1\nbar: 2\nsteps: [{ id: a, run: echo }]\n")]);
    expect(err).toContain("`foo`");
    expect(err).toContain("`bar`");
  });
});

describe("files that cannot be used are told in words", () => {
  test.each([
    ["missing", () => join(folder.path, "nowhere.yaml"), "it does not exist"],
    [
      "a directory",
      () => {
        mkdirSync(join(folder.path, "folder"), { recursive: true });
        return join(folder.path, "folder");
      },
      "it is a directory",
    ],
  ])("%s", async (_, make, words) => {
    for (const command of ["run", "validate", "plan", "fmt", "graph", "render"]) {
      const { code, err } = await folder.run([command, make()]);
      expect([command, code]).toEqual([command, 2]);
      expect(err).toContain(words);
      expect(err).toContain("(FILE_UNREADABLE)");
      expectNoStack(err);
    }
  });
});

describe("malformed input", () => {
  test.each([
    ["text that is no JSON", ["--input", "-"], "nonsense", "JSON_UNREADABLE", "The input on stdin is not JSON"],
    ["a value against the schema", ["-i", "load=15"], "", "INPUT_INVALID", "input.load: Value 15 exceeds maximum 10"],
    ["a text where a number belongs", ["-i", "load=much"], "", "INPUT_INVALID", "input.load"],
    ["a misspelt name", ["-i", "lod=1"], "", "CLI_USAGE", "Did you mean `load`?"],
    ["no pair", ["-i", "load"], "", "CLI_USAGE", "key=value"],
    ["a name that reaches a prototype", ["-i", "__proto__.x=1"], "", "CLI_USAGE", "__proto__"],
    ["a file that is missing", ["--input", "nowhere.json"], "", "FILE_UNREADABLE", "it does not exist"],
  ])("%s is refused with exit code 2", async (_, words, stdin, code, message) => {
    const answer = await folder.run(["run", file("good.troupe.yaml", ECHO), ...words], { stdin });
    expect(answer.code).toBe(2);
    expect(answer.err).toContain(`(${code})`);
    expect(answer.err).toContain(message);
    expectNoStack(answer.err);
  });

  test("with -o json the error is JSON on stderr, and stdout stays empty", async () => {
    const { code, out, err } = await folder.run(["run", file("good.troupe.yaml", ECHO), "-i", "load=15", "-o", "json"]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(JSON.parse(err).error).toMatchObject({ code: "INPUT_INVALID" });
  });
});

describe("malformed configuration", () => {
  test.each([
    ["an unknown key", "stat: .here\n", /troupe\.config\.yaml:1:1 error There is no setting `stat`[\s\S]*Did you mean `state`\?/],
    ["a wrong value", "max_workers: many\n", /troupe\.config\.yaml:1:14 error `max_workers` is `many`/],
    ["no YAML", "state: [\n", /troupe\.config\.yaml:\d+:\d+ error .*CONFIG_INVALID/],
    ["a state directory outside the project", "state: ../../elsewhere\n", /`state` of a project lies inside the project/],
  ])("%s is told with its place", async (_, text, message) => {
    using project = createFolder();
    writeFileSync(join(project.path, "troupe.config.yaml"), text);
    const { code, err } = await project.run(["list"]);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expectNoStack(err);
  });

  test("a wrong variable is told by its name", async () => {
    const { code, err } = await folder.run(["list"], { env: { TROUPE_MAX_WORKERS: "-1" } });
    expect(code).toBe(2);
    expect(err).toContain("TROUPE_MAX_WORKERS is `-1`");
  });
});

describe("a wrong command line has exit code 2 and says what to do", () => {
  test.each([
    [["rnu", "x.yaml"], "Did you mean"],
    [["help", "rnu"], "Did you mean `troupe run`?"],
    [["nonsense", "--help"], "unknown command `nonsense`"],
    [["quarantine"], "list, release, skip, override, discard"],
    [["run"], "missing required argument"],
    [["run", "x.yaml", "--max-wokers", "4"], "--max-workers"],
    [["run", "x.yaml", "--budget", "4"], "--budget belongs to a later version of Troupe."],
    [["run", "x.yaml", "--max-workers", "none"], "whole number"],
    [["list", "-o", "xml"], "text, json, jsonl"],
    [["list", "too", "many"], "too many arguments"],
    [["quarantine", "relase"], "release"],
    [["show", "nothing"], "There are no runs in"],
    [["fork", "@latest"], "--from"],
    [["graph"], "--run"],
  ])("%j", async (words, message) => {
    using empty = createFolder();
    const { code, err } = await empty.run(words);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).toContain("(CLI_USAGE)");
    expectNoStack(err);
  });

  test("for a program it is JSON on stderr, however the format was asked for", async () => {
    using empty = createFolder();
    const given = [
      [["run", "-o", "json"], {}],
      [["list", "--nonsense", "--output=jsonl"], {}],
      [["nonsense"], { TROUPE_OUTPUT: "json" }],
      [["quarantine", "-o", "json"], {}],
    ] as const;
    for (const [words, env] of given) {
      const { code, out, err } = await empty.run(words, { env });
      expect([words, code, out]).toEqual([words, 2, ""]);
      expect(JSON.parse(err).error).toMatchObject({ code: "CLI_USAGE", message: expect.any(String), fix: expect.any(String) });
    }
  });
});

describe("nothing is left behind by what could not start", () => {
  test.each([
    ["a wrong workflow", "name: x\nsteps: [{ id: a, run: echo, needs: [b] }]\n", []],
    ["a wrong input", ECHO, ["-i", "load=15"]],
    ["an earlier run that does not exist", ECHO, ["--from", "a"]],
    ["a dry run", ECHO, ["--dry-run"]],
  ])("%s", async (_, text, words) => {
    using empty = createFolder();
    writeFileSync(join(empty.path, "x.troupe.yaml"), text);
    await empty.run(["run", join(empty.path, "x.troupe.yaml"), "--state", join(empty.path, "state"), ...words]);
    expect(existsSync(join(empty.path, "state"))).toBe(false);
  });

  test("a wrong input says what to do", async () => {
    const { err } = await folder.run(["run", file("good.troupe.yaml", ECHO), "-i", "load=15"]);
    expect(err).toMatch(/fix: .*-i key=value/);
  });
});
