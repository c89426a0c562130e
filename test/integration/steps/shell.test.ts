import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/plan/field.ts";
import type { Execution } from "../../../src/ports/attempt.ts";
import { createShellStep } from "../../../src/steps/shell/execute.ts";
import { type ContextDiffers, list, literal, makeContext, makeStep, text } from "../../support/attempts.ts";
import { useProcesses } from "../../support/processes.ts";

const bench = useProcesses();

function shell(config: Record<string, Field>, differs: ContextDiffers = {}): Promise<Execution> {
  const type = createShellStep({ processes: bench.processes, directory: join(bench.directory, "attempts") });
  return type.execute(makeContext(makeStep("shell", config), { workspace: bench.workspace, ...differs }));
}

async function outputOf(config: Record<string, Field>, differs: ContextDiffers = {}): Promise<unknown> {
  const execution = await shell(config, differs);
  return execution.kind === "succeeded" ? execution.output : execution;
}

describe("output (S-12)", () => {
  test("comes from the file that TROUPE_OUTPUT names, as JSON or as lines", async () => {
    expect(await outputOf({ run: text(`echo '{"count": 3}' > "$TROUPE_OUTPUT"`) })).toEqual({ count: 3 });
    expect(await outputOf({ run: text(`echo a=1 >> "$TROUPE_OUTPUT"; echo b=x=y >> "$TROUPE_OUTPUT"`) })).toEqual({ a: "1", b: "x=y" });
    expect(await outputOf({ run: text("true") })).toBeNull();
  });

  test("comes from stdout where that is declared", async () => {
    expect(await outputOf({ run: text("echo hi; echo"), stdout: literal("text") })).toBe("hi");
    expect(await outputOf({ run: text("printf 'a\\nb\\n'"), stdout: literal("lines") })).toEqual(["a", "b"]);
    expect(await outputOf({ run: text("echo '[1]'"), stdout: literal("json") })).toEqual([1]);
    expect(await outputOf({ run: text("echo no"), stdout: literal("json") })).toMatchObject({ failure: { code: "OUTPUT_INVALID" } });
    expect(await outputOf({ run: text("echo '[1e999]'"), stdout: literal("json") })).toMatchObject({ failure: { code: "OUTPUT_INVALID" } });
  });

  test("is not taken from a step that failed, nor from marker lines in stdout", async () => {
    expect(await outputOf({ run: text(`echo a=1 > "$TROUPE_OUTPUT"; exit 3`) })).toMatchObject({
      kind: "failed",
      failure: { exitCode: 3 },
    });
    expect(await outputOf({ run: text("echo '::set-output name=a::1'; echo '##vso[task.setvariable]x'") })).toBeNull();
  });

  test("is refused when the file was replaced by a link, holds too much or names a prototype", async () => {
    expect(await outputOf({ run: text('ln -s /etc/passwd "$TROUPE_OUTPUT"') })).toMatchObject({ failure: { code: "OUTPUT_INVALID" } });
    expect(await outputOf({ run: text('head -c 11000000 /dev/zero > "$TROUPE_OUTPUT"') })).toMatchObject({
      failure: { code: "OUTPUT_INVALID" },
    });
    expect(await outputOf({ run: text(`echo '{"__proto__": {"a": 1}}' > "$TROUPE_OUTPUT"`) })).toMatchObject({
      failure: { code: "OUTPUT_INVALID" },
    });
  });
});

describe("environment (S-13)", () => {
  test("is the allow-list, our own names and what was declared", async () => {
    process.env.TROUPE_TEST_LEAK = "1";
    const names = (await outputOf(
      { run: text("env | cut -d= -f1 | sort"), stdout: literal("lines") },
      { workflow: { env: { GREETING: text("hi {{ input.name }}") } }, input: { name: "you" }, deadlineAt: Date.now() + 60_000 },
    )) as string[];
    delete process.env.TROUPE_TEST_LEAK;
    const inherited = ["PATH", "HOME", "LANG", "TMPDIR"].filter((name) => process.env[name] !== undefined);
    const own = ["RUN_ID", "STEP_ID", "ITEM_KEY", "ATTEMPT", "IDEMPOTENCY_KEY", "OUTPUT", "WORKSPACE", "DEADLINE", "ATTEMPT_TOKEN"].map(
      (name) => `TROUPE_${name}`,
    );
    // PWD, OLDPWD, SHLVL and _ are the shell's own.
    expect(names.filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name))).toEqual(
      [...inherited, ...own, "CI", "GIT_TERMINAL_PROMPT", "TRACEPARENT", "GREETING"].sort(),
    );
  });
});

describe("values in a script (S-8)", () => {
  const hostile = [
    "$(touch pwn)",
    "`touch pwn`",
    "; touch pwn",
    "\ntouch pwn\n",
    "' ; touch pwn ; '",
    '" ; touch pwn ; "',
    "-rf",
    "$\u007bIFS}",
    "$HOME",
    "a\\",
    "\\",
    "*",
    "~",
    "a[$(touch pwn)]",
    "EOF\ntouch pwn",
    "%s%n",
    "&& touch pwn",
    "| touch pwn",
    "> pwn",
    "{a,b}",
    "!x",
    "\u2028",
    "é\u0301",
  ];

  test("arrive as they are in every position, and none is run", async () => {
    mkdirSync(join(bench.workspace, "s8"));
    const script = `
printf '%s\\0' {{ input.v }} "{{ input.v }}" x{{ input.v }}y "a {{ input.v }} b" $(printf '%s' {{ input.v }}) "$(printf '%s' "{{ input.v }}")" > plain
A={{ input.v }}; printf '%s\\0' "$A" >> plain
cat <<END > here
{{ input.v }}
END
case {{ input.v }} in x) : ;; esac
[[ {{ input.v }} == x ]] || true
[ {{ input.v }} = x ] || true
sh -c 'printf "%s" "$1"' -- {{ input.v }} > nested
for i in {{ input.v }}; do :; done
cat <<< {{ input.v }} > string
# {{ input.v }}
`;
    for (const value of hostile) {
      expect(await outputOf({ run: text(script), cwd: text("s8") }, { input: { v: value } }), JSON.stringify(value)).toBeNull();
      const file = (name: string): string => readFileSync(join(bench.workspace, "s8", name), "utf8");
      const parts = file("plain").split("\0");
      expect(parts.slice(0, 4)).toEqual([value, value, `x${value}y`, `a ${value} b`]);
      expect(parts.at(-2)).toBe(value);
      expect(file("here")).toBe(`${value}\n`);
      expect(file("nested")).toBe(value);
      expect(file("string")).toBe(`${value}\n`);
    }
    expect(existsSync(join(bench.workspace, "s8", "pwn"))).toBe(false);
  });

  test("where they would be code, the attempt fails before anything runs", async () => {
    for (const run of [
      "eval {{ input.v }}",
      "sh -c {{ input.v }}",
      "echo $(( {{ input.v }} ))",
      "[[ {{ input.v }} -eq 1 ]]",
      "echo {{ input.v }} | sh",
    ]) {
      const config = { run: text(`touch began\n${run}`) };
      await expect(shell(config, { input: { v: "a[$(touch pwn)]" } }), run).rejects.toMatchObject({
        code: "SHELL_QUOTING",
        class: "validation",
      });
    }
    expect(existsSync(join(bench.workspace, "began"))).toBe(false);
  });

  test("are pasted with `| raw` only", async () => {
    expect(await outputOf({ run: text("echo {{ input.v | raw }}"), stdout: literal("text") }, { input: { v: "a $(echo b)" } })).toBe("a b");
  });

  test("may hold anything but NUL", async () => {
    await expect(shell({ run: text("echo {{ input.v }}") }, { input: { v: "a\0b" } })).rejects.toMatchObject({ code: "VALUE_NUL" });
  });
});

describe("arguments (S-9)", () => {
  const args = (...items: Field[]): Record<string, Field> => ({
    args: list(literal("printf"), literal("%s,"), ...items),
    stdout: literal("text"),
  });

  test("reach the program without a shell", async () => {
    expect(await outputOf(args(text("{{ input.v }}"), literal(7)), { input: { v: "$(touch pwn) *" } })).toBe("$(touch pwn) *,7,");
  });

  test("from a value may not pose as an option, unless behind `--` or as a number", async () => {
    for (const value of ["--upload-pack=x", "-c x=y", "-"])
      await expect(shell(args(text("{{ input.v }}")), { input: { v: value } })).rejects.toMatchObject({ code: "ARGUMENT_OPTION" });
    expect(
      await outputOf(
        { args: list(literal("echo"), literal("--"), text("{{ input.v }}")), stdout: literal("text") },
        { input: { v: "-x" } },
      ),
    ).toBe("-- -x");
    expect(await outputOf(args(text("{{ input.v }}")), { input: { v: -5 } })).toBe("-5,");
    expect(await outputOf(args(text("--name={{ input.v }}")), { input: { v: "-x" } })).toBe("--name=-x,");
  });
});

describe("exits (F-25)", () => {
  const table: [run: string, expected: object][] = [
    ["exit 1", { class: "transient", code: "EXIT_CODE", exitCode: 1 }],
    ["exit 2", { class: "transient", code: "EXIT_CODE", exitCode: 2 }],
    ["exit 126", { class: "permanent", code: "COMMAND_NOT_EXECUTABLE", exitCode: 126 }],
    ["no-such-command-here", { class: "permanent", code: "COMMAND_NOT_FOUND", exitCode: 127 }],
    ["exit 128", { class: "transient", code: "EXIT_CODE", exitCode: 128 }],
    ["exit 137", { class: "transient", code: "EXIT_CODE", exitCode: 137, signal: "SIGKILL" }],
    ["exit 255", { class: "transient", code: "EXIT_CODE", exitCode: 255 }],
    ["kill -SEGV $$", { class: "transient", code: "SIGNAL", signal: "SIGSEGV" }],
    ["kill -KILL $$", { class: "transient", code: "SIGNAL", signal: "SIGKILL" }],
    ["echo broken >&2; exit 4", { exitCode: 4, detail: "broken\n" }],
    ["echo x > /dev/stderr; exit 5", { exitCode: 5, detail: "x\n" }],
  ];
  test.each(table)("%s", async (run, expected) => {
    expect(await shell({ run: text(run) })).toMatchObject({ kind: "failed", failure: expected });
  });

  test("an error text with exit 0 is a success, and success codes are the author's", async () => {
    expect(await shell({ run: text("echo oops >&2") })).toMatchObject({ kind: "succeeded" });
    expect(await shell({ run: text("exit 3"), success_codes: literal([0, 3]) })).toMatchObject({ kind: "succeeded" });
    expect(await shell({ run: text("exit 0"), success_codes: literal([3]) })).toMatchObject({ kind: "failed" });
  });

  test("a program that cannot be started is a typed failure (F-19)", async () => {
    writeFileSync(join(bench.workspace, "not-executable"), "x", { mode: 0o644 });
    expect(await shell({ args: list(literal("no-such-program")) })).toMatchObject({
      failure: { class: "permanent", code: "COMMAND_NOT_FOUND" },
    });
    expect(await shell({ args: list(literal("./not-executable")) })).toMatchObject({
      failure: { class: "permanent", code: "COMMAND_NOT_EXECUTABLE" },
    });
    expect(await shell({ args: list(literal("true"), text("{{ input.v }}")) }, { input: { v: "x".repeat(1_000_000) } })).toMatchObject({
      failure: { code: "ARGUMENTS_TOO_LARGE" },
    });
    expect(await shell({ run: text("true"), cwd: text("no/such/directory") })).toMatchObject({ failure: { code: "CWD_MISSING" } });
  });
});

describe("input and place", () => {
  test("stdin is /dev/null or the text given (F-26)", async () => {
    expect(await outputOf({ run: text("cat; [ -t 0 ] || echo no tty"), stdout: literal("text") })).toBe("no tty");
    expect(
      await outputOf({ run: text("cat /dev/stdin"), stdin: text("{{ input.v }}"), stdout: literal("text") }, { input: { v: "a\n'b'" } }),
    ).toBe("a\n'b'");
    expect(await outputOf({ run: text("true"), stdin: text("{{ input.v }}") }, { input: { v: "x".repeat(3_000_000) } })).toBeNull();
  });

  test("a working directory from a value stays inside the workspace (S-15)", async () => {
    for (const cwd of ["/", "../..", "a/../../b"])
      await expect(shell({ run: text("pwd"), cwd: text("{{ input.v }}") }, { input: { v: cwd } })).rejects.toMatchObject({
        code: "PATH_OUTSIDE",
      });
    expect(await outputOf({ run: text("pwd"), cwd: text("/"), stdout: literal("text") })).toBe("/");
  });

  test("another interpreter may read the script", async () => {
    expect(await outputOf({ run: text("echo $0 | grep -c script"), shell: literal("sh -eu"), stdout: literal("text") })).toBe("1");
  });
});
