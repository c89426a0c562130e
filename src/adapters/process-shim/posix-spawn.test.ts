/** Programs that the C library starts must be what Node's own would be: reliability §5 rests on their groups, signals and exit codes. */
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Libc, loadLibc } from "./libc.ts";
import { createSpawner, type ProgramExit, type ProgramOrder, type Spawner } from "./posix-spawn.ts";

const libc = loadLibc() as Libc; // Koffi has a binary for every machine that runs the tests.
const spawner = createSpawner(libc) as Spawner; // The library of the tests' machines refuses nothing.
const folder = mkdtempSync(join(tmpdir(), "troupe-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const ENOMEM = 12;
let files = 0;

function given(order: Partial<ProgramOrder>): { readonly order: ProgramOrder; readonly file: string } {
  const file = join(folder, `out-${++files}`);
  const stdout = openSync(file, "wx");
  return { order: { argv: [], cwd: folder, env: { PATH: "/usr/bin:/bin" }, stdin: null, stdout, stderr: stdout, ...order }, file };
}

/** What a program printed, and how it ended. */
async function run(wanted: Partial<ProgramOrder>): Promise<ProgramExit & { readonly pid: number; readonly text: string }> {
  const { order, file } = given(wanted);
  const program = spawner.spawn(order);
  closeSync(order.stdout);
  if (program === null) throw new Error("It was not started.");
  return { ...(await program.exit), pid: program.pid, text: readFileSync(file, "utf8") };
}

function refuses(wanted: Partial<ProgramOrder>): boolean {
  const { order } = given(wanted);
  const program = spawner.spawn(order);
  closeSync(order.stdout);
  return program === null;
}

function executable(path: string, text: string): string {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text, { mode: 0o755 });
  return join(folder, path);
}

test("arguments, environment and directory arrive as they are", async () => {
  const argv = [
    "node",
    "-e",
    "console.log(JSON.stringify([process.argv.slice(1), process.env, process.cwd()]))",
    "a b",
    "",
    "'$x'",
    "é\n\t☃",
  ];
  const env = { PATH: process.env.PATH ?? "", EMPTY: "", LINES: "1\n2=3", UMLAUT: "ü" };
  const { text } = await run({ argv, env });
  expect(JSON.parse(text)).toEqual([argv.slice(3), env, folder]);
});

test("standard input is the given file, or empty", async () => {
  const file = join(folder, "in");
  writeFileSync(file, "a line");
  const stdin = openSync(file, "r");
  expect(await run({ argv: ["cat"], stdin })).toMatchObject({ exitCode: 0, text: "a line" });
  closeSync(stdin);
  expect(await run({ argv: ["cat"] })).toMatchObject({ exitCode: 0, text: "" });
});

test("a program leads a session and a group of its own", async () => {
  const { pid, text } = await run({ argv: ["sh", "-c", "cat /proc/$$/stat"] });
  const [, , group, session] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  expect([group, session]).toEqual([String(pid), String(pid)]);
});

test("no signal is blocked or ignored, although Node ignores one", async () => {
  const SIGPIPE = 1n << 12n;
  const ours = /^SigIgn:\t(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  expect(BigInt(`0x${ours}`) & SIGPIPE).toBe(SIGPIPE);
  const { text } = await run({ argv: ["grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status"] });
  expect(text).toMatch(/^SigBlk:\t0+\nSigIgn:\t0+\n$/);
});

test("nothing is open in it that is not open in a child of Node's", async () => {
  const argv = ["ls", "/proc/self/fd"] as const;
  const { text } = await run({ argv });
  expect(text).toBe(spawnSync(argv[0], [argv[1]], { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" }).stdout);
});

test.each([
  ["exit 0", { exitCode: 0, signal: null }],
  ["exit 255", { exitCode: 255, signal: null }],
  ["exit 137", { exitCode: 137, signal: null }],
  ["kill -KILL $$", { exitCode: null, signal: "SIGKILL" }],
  ["kill -TERM $$", { exitCode: null, signal: "SIGTERM" }],
  ["kill -ABRT $$", { exitCode: null, signal: "SIGABRT" }],
  ["kill -IO $$", { exitCode: null, signal: "SIGIO" }],
  ["kill -40 $$", { exitCode: null, signal: "signal 40" }],
])("`%s` is told as it was", async (script, end) => {
  expect(await run({ argv: ["sh", "-c", script] })).toMatchObject(end);
});

test("the end of each of a hundred is told, in whatever order they end", async () => {
  const ends = await Promise.all(Array.from({ length: 100 }, (_, index) => run({ argv: ["sh", "-c", `exit ${index}`] })));
  expect(ends.map(({ exitCode }) => exitCode)).toEqual(Array.from({ length: 100 }, (_, index) => index));
});

test("an end that somebody else took is no exit code", async () => {
  const { order } = given({ argv: ["sleep", "60"] });
  const program = spawner.spawn(order);
  closeSync(order.stdout);
  const pid = program?.pid ?? 0;
  process.kill(pid, "SIGKILL");
  expect(libc.waitpid(pid, Buffer.alloc(4), 0)).toBe(pid);
  await expect(program?.exit).rejects.toThrow("taken by somebody else");
});

test("a program is looked for in its own PATH, from its own directory", async () => {
  executable("tools/which-one", "#!/bin/sh\necho ours");
  mkdirSync(join(folder, "first/which-one"), { recursive: true });
  mkdirSync(join(folder, "second"), { recursive: true });
  writeFileSync(join(folder, "second/which-one"), "not to be executed");
  expect(await run({ argv: ["which-one"], env: { PATH: "first:second:tools" } })).toMatchObject({ text: "ours\n" });
  expect(await run({ argv: ["./which-one"], cwd: join(folder, "tools") })).toMatchObject({ text: "ours\n" });
  expect(refuses({ argv: ["which-one"], env: { PATH: "/usr/bin" } })).toBe(true);
});

test.each([
  ["a program that is not there", { argv: ["/nowhere/at-all"] }],
  ["no program", { argv: [""] }],
  ["a program without a PATH", { argv: ["true"], env: {} }],
  ["a directory that is not there", { argv: ["true"], cwd: "/nowhere" }],
  ["an argument that C would cut", { argv: ["echo", "a\0b"] }],
  ["a variable that C would cut", { argv: ["true"], env: { PATH: "/bin", CUT: "a\0b" } }],
  ["more text than a program may get", { argv: ["true", ...Array.from({ length: 40 }, () => "x".repeat(100_000))] }],
])("%s is left to Node", (_, order) => {
  expect(refuses(order)).toBe(true);
});

test.each(["posix_spawn_file_actions_addchdir_np", "posix_spawn_file_actions_adddup2", "posix_spawn_file_actions_init"] as const)(
  "where %s fails nothing is started in another place or with other streams",
  (name) => {
    const { order, file } = given({ argv: ["pwd"] });
    expect(createSpawner({ ...libc, [name]: () => ENOMEM })?.spawn(order)).toBeNull();
    closeSync(order.stdout);
    expect(readFileSync(file, "utf8")).toBe("");
  },
);

test("where attributes are refused there is no spawner", () => {
  expect(createSpawner({ ...libc, posix_spawnattr_setflags: () => ENOMEM })).toBeNull();
});

test("a script without an interpreter's name is left to Node, which finds one", () => {
  expect(refuses({ argv: [executable("bare-script", "echo hello")] })).toBe(true);
});
