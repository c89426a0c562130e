/** Runs with and without results of runs before them (mission W4). */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../../src/core/json.ts";
import { attemptLogs, readLog } from "../../../src/main/attempt-logs.ts";
import { openCacheAdmin } from "../../../src/main/cache-admin.ts";
import type { RunOptions } from "../../../src/main/troupe.ts";
import { type OpenEngine, useEngines, workflowOf } from "../../support/engine-bench.ts";

const bench = useEngines();
let engine: Promise<OpenEngine> | null = null;
const BUILD = [
  "- id: build",
  "  run: |",
  "    echo building; echo warning >&2; echo x >> ledger",
  "    mkdir -p out; cat src/* > out/all; chmod +x out/all",
  '    echo "{\\"n\\": $(cat src/* | wc -c)}" > "$TROUPE_OUTPUT"',
  "  cache: { files: src/**, produces: [out] }",
  "- id: after",
  "  run: 'cat out/all; exit {{ 0 if steps.build.output.n > 0 else 1 }}'",
];

interface Ran {
  readonly state: string;
  readonly id: string;
  readonly outputs: readonly Json[];
  /** What the cache told each step that asked it. */
  readonly cache: Readonly<Record<string, JsonObject>>;
}

async function shared(): Promise<OpenEngine> {
  engine ??= bench.open();
  return await engine;
}

async function run(workspace: string, file: string, options: RunOptions = {}): Promise<Ran> {
  const { troupe } = await shared();
  const handle = await troupe.run(file, { workspace, ...options });
  const view = await handle.result();
  const cache: Record<string, JsonObject> = {};
  for await (const { stepId, data } of handle.events()) {
    const told = (data as { usage?: { cache?: JsonObject } }).usage?.cache;
    if (stepId !== undefined && told !== undefined) cache[stepId] = told;
  }
  return { state: view.state, id: view.id, outputs: view.steps.map(({ output }) => output ?? null), cache };
}

let places = 0;

/** One store serves all tests, so each has a version of its own: equal steps find each other's results, in whichever workspace. */
function place(lines: readonly string[]): { readonly workspace: string; readonly file: string; executions(): number } {
  const { workspace, write } = bench.place();
  mkdirSync(join(workspace, "src"));
  writeFileSync(join(workspace, "src/a"), "one");
  const ledger = join(workspace, "ledger");
  places += 1;
  const text = workflowOf(...lines)
    .replace("cache: true", "cache: {}")
    .replace("cache: {", `cache: { version: ${places}, `);
  return {
    workspace,
    file: write(text),
    executions: () => (existsSync(ledger) ? readFileSync(ledger, "utf8").split("\n").length - 1 : 0),
  };
}

describe("a cached step", () => {
  test("is not executed again; its output, its files and its log are those of the first time", async () => {
    const { workspace, file, executions } = place(BUILD);
    const first = await run(workspace, file);
    expect(first).toMatchObject({ state: "succeeded", cache: { build: { hit: false, reason: "no entry", stored: true } } });
    rmSync(join(workspace, "out"), { recursive: true });
    const second = await run(workspace, file);
    expect(second).toMatchObject({ state: "succeeded", cache: { build: { hit: true, from: { run: first.id, step: "build" } } } });
    expect([executions(), second.outputs, readFileSync(join(workspace, "out/all"), "utf8")]).toEqual([1, first.outputs, "one"]);
    const { state, project } = await shared();
    const [log] = attemptLogs(project.store, state, project.runId(second.id), "build");
    const said = (["stdout", "stderr"] as const).map((name) => Buffer.from(readLog(log?.directory ?? "", name, 0, 1_000).bytes).toString());
    expect(said).toEqual(["building\n", "warning\n"]);
  });

  test("is executed again when its files change, and found again when they are what they were", async () => {
    const { workspace, file, executions } = place(BUILD);
    const hits: unknown[] = [];
    for (const content of ["one", "two", "one", "two"]) {
      writeFileSync(join(workspace, "src/a"), content);
      const { cache, outputs } = await run(workspace, file);
      hits.push(cache.build?.hit);
      expect(outputs[0]).toEqual({ n: 3 });
      expect(readFileSync(join(workspace, "out/all"), "utf8")).toBe(content);
    }
    expect([hits, executions()]).toEqual([[false, false, true, true], 2]);
  });

  test("comes to the same end without the cache (I-31)", async () => {
    const { workspace, file, executions } = place(BUILD);
    const results = [await run(workspace, file), await run(workspace, file), await run(workspace, file, { cache: "off" })];
    expect(new Set(results.map(({ state, outputs }) => JSON.stringify([state, outputs]))).size).toBe(1);
    expect([results[2]?.cache.build, executions()]).toEqual([{ hit: false, reason: "bypassed" }, 2]);
  });

  test("that failed is executed again", async () => {
    const { workspace, file, executions } = place(["- id: build", "  run: 'echo x >> ledger; exit 1'", "  cache: true"]);
    for (let time = 0; time < 2; time++)
      expect(await run(workspace, file)).toMatchObject({ state: "failed", cache: { build: { hit: false } } });
    expect(executions()).toBe(2);
  });

  test("whose gate did not open is executed again", async () => {
    const lines = ["- id: build", "  run: 'echo x >> ledger; printf \"1..1\\nnot ok 1\\n\"'", "  cache: true", "  gate: tests"];
    const { workspace, file, executions } = place(lines);
    for (let time = 0; time < 2; time++)
      expect(await run(workspace, file)).toMatchObject({ state: "failed", cache: { build: { stored: false } } });
    expect(executions()).toBe(2);
  });

  test("that asks a tool is executed again when another tool or another version of it may do the work", async () => {
    const lines = ["- id: build", "  type: agent", "  prompt: Improve it.", "  tool: { needs: [polishing] }", "  cache: true"];
    const { workspace, file, executions } = place(lines);
    const tool = (name: string, version: string): void =>
      writeFileSync(join(workspace, name), `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit\necho x >> ledger\n`, {
        mode: 0o755,
      });
    const declared = (name: string): string => `  - { name: ${name}, adapter: command, command: [./${name}], capabilities: [polishing] }\n`;
    const declare = (...names: string[]): void =>
      writeFileSync(join(workspace, "router.yaml"), `tools:\n${names.map(declared).join("")}builtins: false\n`);
    const isHit = async (): Promise<unknown> => (await run(workspace, file)).cache.build?.hit;
    declare("sand", "wax");
    tool("sand", "1.0");
    expect([await isHit(), await isHit()]).toEqual([false, true]);
    tool("sand", "1.1");
    expect([await isHit(), await isHit()]).toEqual([false, true]);
    tool("wax", "1.0");
    expect([await isHit(), await isHit(), executions()]).toEqual([false, true, 3]);
  });

  test("of a fan-out is kept item by item", async () => {
    const lines = [
      "- id: build",
      "  for_each: [a, b]",
      '  key: "{{ item.value }}"',
      "  run: 'echo x >> ledger; echo {{ item.value }}'",
      "  cache: true",
    ];
    const { workspace, file, executions } = place(lines);
    await run(workspace, file);
    writeFileSync(file, readFileSync(file, "utf8").replace("[a, b]", "[c, b, a]"));
    const { cache } = await run(workspace, file);
    expect([Object.values(cache).map(({ hit }) => hit), executions()]).toEqual([expect.arrayContaining([true, true, false]), 3]);
  });

  test("leaves nothing of a secret anywhere in the store (S-38)", async () => {
    const lines = [
      "- id: build",
      "  run: 'echo $TOKEN | tail -c 4; echo x >> ledger'",
      "  env: { TOKEN: '{{ secrets.token }}' }",
      "  cache: true",
    ];
    const { workspace, write } = bench.place();
    writeFileSync(join(workspace, "token"), "hunter2-hunter2");
    const text = workflowOf(...lines).replace("steps:", "secrets: { token: { file: token } }\nsteps:");
    const file = write(text);
    for (let time = 0; time < 2; time++) await run(workspace, file);
    const { state } = await shared();
    const cache = join(state, "cache");
    const everything = readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(everything.length).toBeGreaterThan(2);
    for (const { parentPath, name } of everything) expect(readFileSync(join(parentPath, name), "utf8")).not.toContain("hunter2");
  });
});

describe("what people ask of the cache", () => {
  test("is told: why a step missed, and what is kept", async () => {
    const { workspace, file } = place(BUILD);
    const first = await run(workspace, file);
    writeFileSync(join(workspace, "src/a"), "two");
    const [missed, hit, bypassed] = [await run(workspace, file), await run(workspace, file), await run(workspace, file, { cache: "off" })];
    const { state, project } = await shared();
    await using admin = await openCacheAdmin(state, {});
    const why = (ran: Ran, step = "build") => admin.why(project.store, project.runId(ran.id), step);
    const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(await why(first)).toMatchObject({ cache: { hit: false, reason: "no entry" } });
    expect(await why(missed)).toMatchObject({
      nearest: { run: first.id, differences: [{ part: "files.src/a", before: sha256, now: sha256 }] },
    });
    expect(await why(hit)).toMatchObject({ cache: { hit: true, from: { run: missed.id } }, nearest: null });
    expect(await why(bypassed)).toMatchObject({ cache: { hit: false, reason: "bypassed" }, nearest: null });
    expect(await why(missed, "after")).toBeNull();
    const kept = (await admin.list({ step: "build" })).filter(({ run: from }) => from === first.id || from === missed.id);
    expect(kept).toEqual([expect.objectContaining({ run: missed.id, files: 1 }), expect.objectContaining({ run: first.id })]);
  });

  test("is done: what is cleared is gone, what shares its content is not", async () => {
    const lines = ["- id: clear_me", "  run: 'mkdir -p out; echo same > out/x'", "  cache: { produces: out, key: '{{ input.n }}' }"];
    const { workspace, file } = place(lines);
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace("steps:", "input: { n: { type: integer } }\nsteps:").replace("clear_me", "keep_me"),
    );
    await run(workspace, file, { input: { n: 1 } });
    writeFileSync(file, readFileSync(file, "utf8").replace("keep_me", "clear_me"));
    for (const n of [1, 2]) await run(workspace, file, { input: { n } });
    const { state } = await shared();
    await using admin = await openCacheAdmin(state, {});
    expect(await admin.clear({ step: "clear_me", unusedForMs: 60_000 })).toMatchObject({ entries: 0 });
    expect(await admin.clear({ step: "clear_me" })).toMatchObject({ entries: 2, contents: 2 });
    writeFileSync(file, readFileSync(file, "utf8").replace("clear_me", "keep_me"));
    rmSync(join(workspace, "out"), { recursive: true });
    expect(await run(workspace, file, { input: { n: 1 } })).toMatchObject({ cache: { keep_me: { hit: true } } });
    expect(readFileSync(join(workspace, "out/x"), "utf8")).toBe("same\n");
  });
});
