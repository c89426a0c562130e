/** Hostile values through a whole engine, and hostile files around a command that only looks (S-4, S-8, S-9, S-15, S-30, S-46). */
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { AGENTS, callsIn } from "../support/agent-bench.ts";
import { runCommand } from "../support/command.ts";
import { useEngines } from "../support/engine-bench.ts";

const bench = useEngines();

const HOSTILE = [
  "$(touch pwn)",
  "`touch pwn`",
  "; touch pwn #",
  "\ntouch pwn\n",
  "' ; touch pwn ; '",
  '" ; touch pwn ; "',
  "\nEND\ntouch pwn\n",
  "a[$(touch pwn)]",
  "&& touch pwn",
  "| touch pwn",
  "> pwn",
  "$HOME $\u007bIFS} * ~ {a,b} %s \\",
  "{{ 7 * 7 }} $\u007b{ secrets.X }} {% for a in [1] %}{% endfor %}",
  "::set-output name=x::y",
  "-rf",
  "--upload-pack=touch pwn",
  "@/etc/passwd",
  "../../pwn",
  "\u001b]8;;file:///etc/passwd\u0007x",
];

function found(folder: string, name: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.split("/").at(-1) === name);
}

describe("a value that wants to be code", () => {
  test("arrives as it is through every input in every position, and nothing of it is run (S-4, S-8)", async () => {
    const { troupe, workspace, write } = await bench.open();
    const claude = JSON.stringify([process.execPath, join(AGENTS, "claude.mjs")]);
    writeFileSync(
      join(workspace, "router.yaml"),
      `tools:\n  - { name: claude_code, adapter: claude_code, command: ${claude}, capabilities: [text] }\n`,
    );
    const file = write(`
name: hostile
input: { values: { type: array, items: { type: string } } }
env: { ALL: "{{ input.values | join('|') }}" }
steps:
  - id: scripts
    for_each: "{{ input.values }}"
    env: { OWN: "{{ item.value }}" }
    stdin: "{{ item.value }}"
    run: |
      test {{ item.value }} = "$OWN" && test "{{ item.value }}" = "$OWN"
      test "$(cat; echo .)" = "$OWN." # {{ item.value }}
      test "$(cat <<END
      {{ item.value }}
      END
      echo .)" != ""
      sh -c 'test "$1" = "$OWN"' -- {{ item.value }}
      for i in {{ item.value }}; do test "$i" = "$OWN"; done
    cleanup: 'test {{ item.value }} = "$OWN" || touch pwn'
  - id: programs
    type: shell
    for_each: "{{ input.values }}"
    args: [printf, "%s", "--", "{{ item.value }}"]
    stdout: text
  - id: letters
    for_each: "{{ input.values }}"
    template: "{{ item.value }}{% if true %}{{ item.value }}{% endif %}"
  - id: asked
    for_each: "{{ [input.values[0], input.values[15]] }}"
    type: agent
    agent: claude_code
    prompt: "{{ item.value }}"
  - id: told
    type: shell
    args: [printf, "%s", "--", "{{ steps.programs.output[0].output }}{{ steps.letters.output[12].output.text }}"]
    stdout: text
output: { programs: "{{ steps.programs.output }}", letters: "{{ steps.letters.output }}", told: "{{ steps.told.output }}" }
`);
    const view = await (await troupe.run(file, { workspace, input: { values: HOSTILE } })).result();
    expect(view.steps.filter(({ state }) => state !== "succeeded").map(({ id, error }) => ({ id, error }))).toEqual([]);
    const output = view.output as {
      readonly programs: { output: string }[];
      readonly letters: { output: { text: string } }[];
      told: string;
    };
    expect(output.programs.map((one) => one.output)).toEqual(HOSTILE.map((value) => `--${value}`.replace(/\n$/, "")));
    expect(output.letters.map((one) => one.output.text)).toEqual(HOSTILE.map((value) => value + value));
    expect(output.told).toContain("{{ 7 * 7 }}");
    // Both ask at the same time.
    expect(
      callsIn(workspace)
        .map(({ prompt }) => prompt)
        .toSorted(),
    ).toEqual([HOSTILE[0], HOSTILE[15]].toSorted());
    expect(found(workspace, "pwn")).toEqual([]);
  }, 60_000);

  test("is refused where it would be an option or a way out (S-9, S-15)", async () => {
    const { troupe, workspace, write } = await bench.open();
    const file = write(`
name: refused
input: { option: string, path: string }
steps:
  - { id: option, type: shell, optional: true, args: [git, fetch, "{{ input.option }}"] }
  - { id: place, optional: true, run: pwd, cwd: "{{ input.path }}" }
  - { id: letter, optional: true, template: x, path: "{{ input.path }}" }
`);
    for (const [option, path] of [
      ["--upload-pack=touch pwn", "../../pwn"],
      ["-c core.pager=touch", "/etc/pwn"],
      ["--output=pwn", "a/../../pwn"],
    ] as const) {
      const { steps } = await (await troupe.run(file, { workspace, input: { option, path } })).result();
      expect(steps.map(({ id, error }) => `${id} ${error?.code}`)).toEqual([
        "option ARGUMENT_OPTION",
        "place PATH_OUTSIDE",
        "letter PATH_OUTSIDE",
      ]);
    }
    expect(found(workspace, "pwn")).toEqual([]);
  });
});

test("a project's files run nothing where somebody only looks (S-46)", async () => {
  const folder = mkdtempSync(join(tmpdir(), "troupe-look-"));
  const put = (name: string, text: string): void => {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const module = `require("node:fs").writeFileSync(${JSON.stringify(join(folder, "pwn"))}, "")`;
  put("package.json", JSON.stringify({ type: "commonjs", main: "evil.cjs", scripts: { preinstall: "touch pwn", prepare: "touch pwn" } }));
  put("evil.cjs", module);
  put(".npmrc", "node-options=--require=./evil.cjs\nscript-shell=./evil.cjs\n");
  put(".env", "NODE_OPTIONS=--require=./evil.cjs\n");
  put("node_modules/yaml/index.js", module);
  put("node_modules/yaml/package.json", '{"name":"yaml","main":"index.js"}');
  put("troupe.config.yaml", "max_workers: 2\n");
  put("w.troupe.yaml", "name: w\nsteps:\n  - { id: a, call: ./evil.cjs#f }\n  - { id: b, run: touch pwn }\n");
  for (const words of [
    ["validate", "w.troupe.yaml"],
    ["plan", "w.troupe.yaml"],
    ["graph", "w.troupe.yaml"],
    ["run", "w.troupe.yaml", "--dry-run"],
  ]) {
    const { code, stderr } = await runCommand(words, { cwd: folder });
    expect([words[0], code, stderr]).toEqual([words[0], 0, expect.any(String)]);
  }
  for (const line of ["profile: open", "profiles: ./mine.yaml", "state: ../elsewhere"]) {
    put("troupe.config.yaml", `${line}\n`);
    const { code, stderr } = await runCommand(["validate", "w.troupe.yaml"], { cwd: folder });
    const listed = await runCommand(["list"], { cwd: folder });
    expect([line, listed.code, listed.stderr], `${code} ${stderr}`).toEqual([line, 2, expect.stringContaining("CONFIG_INVALID")]);
  }
  const left = found(folder, "pwn");
  rmSync(folder, { recursive: true });
  expect(left).toEqual([]);
}, 60_000);

test("a child run has the secrets that it declares itself, and none of its parent's (S-35)", async () => {
  const { troupe, write } = await bench.open();
  const child = (head: string): string => `name: child\n${head}steps:\n  - { id: a, env: { T: "{{ secrets.TOKEN }}" }, run: 'true' }\n`;
  const parent =
    "name: parent\nsecrets: { TOKEN: { env: TOKEN } }\nsteps:\n  - { id: a, type: workflow, workflow_file: child.troupe.yaml }\n";
  const file = write(parent, "parent.troupe.yaml");
  write(child(""), "child.troupe.yaml");
  expect(() => troupe.load(file)).toThrow(
    expect.objectContaining({ errors: expect.arrayContaining([expect.objectContaining({ message: expect.stringContaining("TOKEN") })]) }),
  );
  write(child("secrets: { TOKEN: { env: TOKEN } }\n"), "child.troupe.yaml");
  expect(troupe.load(file).name).toBe("parent");
});

test("no statement of the store is made of values, constants and names of pragmas excepted (S-30)", () => {
  const sources = globSync("src/adapters/store-sqlite/**/*.ts").filter((file) => !file.endsWith(".test.ts"));
  expect(sources.length).toBeGreaterThan(5);
  const inserted = sources.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\.(?:prepare|exec)\(\s*`([^`]*)`/g)].flatMap(([, text = ""]) =>
      [...text.matchAll(/(PRAGMA )?\$\{([^}]*)\}/g)].filter(([, pragma, value = ""]) => pragma === undefined && !/^[A-Z_]+$/.test(value)),
    ),
  );
  expect(inserted).toEqual([]);
});
