import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import { BREAKER_POLICY_DEFAULT, type ToolDeclaration } from "../../plan/tool.ts";
import { createToolProber } from "./prober.ts";

const directory = mkdtempSync(join(tmpdir(), "troupe-tools-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const prober = createToolProber({
  env: { ...process.env, TOOL_KEY: "s3cret", OTHER: "hidden" },
  inherited: { PATH: `${directory}:${process.env.PATH}` },
  readVersion: (text) => text.trim(),
});

function script(name: string, body: string): string {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

const tool = (command: string, more: Partial<ToolDeclaration> = {}): ToolDeclaration => ({
  name: "stub",
  adapter: "command",
  capabilities: [],
  domains: [],
  cost: { usdPerRun: null, usdPer1kTokens: null },
  limits: { concurrency: null, timeoutMs: null, maxUsd: null },
  command: [command],
  env: [],
  health: { args: ["ping"], timeoutMs: 5_000, everyMs: 1_000 },
  version: null,
  breaker: BREAKER_POLICY_DEFAULT,
  ...more,
});

describe("a look at a tool", () => {
  test("finds its program on the PATH, or where its path says", async () => {
    const path = script("found", "exit 0");
    expect(await prober.probe(tool("found"))).toMatchObject({ status: "healthy", program: path, detail: null });
    expect(prober.locate(tool(path))).toBe(path);
    expect(await prober.probe(tool("nowhere"))).toMatchObject({ status: "missing", program: null, detail: "`nowhere` is not on the PATH" });
    expect(await prober.probe(tool(`${directory}/nowhere`))).toMatchObject({
      status: "missing",
      detail: `there is no program ${directory}/nowhere`,
    });
    expect(prober.locate(tool(directory))).toBeNull();
  });

  test("tells its version, and why it is unwell", async () => {
    script("ill", 'test "$1" = --version && echo "ill 1.2" && exit 0; echo "no licence" >&2; exit 3');
    expect(await prober.probe(tool("ill", { version: { args: ["--version"], pattern: null } }))).toMatchObject({
      status: "unhealthy",
      version: "ill 1.2",
      detail: "its health check ended with 3: no licence",
    });
    const wrong = join(directory, "wrong");
    writeFileSync(wrong, "#!/nowhere/sh\n");
    chmodSync(wrong, 0o755);
    expect(await prober.probe(tool(wrong))).toMatchObject({ status: "missing" });
  });

  test("gives it the names that it declares and nothing else", async () => {
    script("env", 'test -n "$TOOL_KEY" || { echo "no key"; exit 1; }; test -z "$OTHER" || exit 2; test -z "$HOME" || exit 3');
    expect((await prober.probe(tool("env", { env: ["TOOL_KEY"] }))).status).toBe("healthy");
    expect((await prober.probe(tool("env"))).detail).toBe("its health check ended with 1: no key");
  });

  test("ends a check that takes too long, with everything that it started", async () => {
    const pidFile = join(directory, "pid");
    script("slow", `trap '' TERM; sleep 30 & echo $! > ${pidFile}; wait; sleep 30`);
    const { status, detail } = await prober.probe(tool("slow", { health: { args: [], timeoutMs: 300, everyMs: 1 } }));
    expect({ status, detail }).toEqual({ status: "unhealthy", detail: "its health check did not end within 300 ms" });
    const { readFileSync } = await import("node:fs");
    const pid = Number(readFileSync(pidFile, "utf8"));
    await eventually(() => expect(() => process.kill(pid, 0)).toThrow());
  });
});
