/** `troupe tools` over a project with a router, a run, and breakers that a store holds. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore } from "../../../src/adapters/store-sqlite/index.ts";
import type { TenantId } from "../../../src/core/ids.ts";
import { BREAKER_INITIAL, moveBreaker } from "../../../src/kernel/breaker.ts";
import { createFolder, type Folder } from "../cli/in-process.ts";

let folder: Folder;
beforeEach(() => {
  folder = createFolder();
  mkdirSync(join(folder.path, ".git"));
});
afterEach(() => folder[Symbol.dispose]());

const write = (name: string, text: string): void => writeFileSync(join(folder.path, name), text);
function script(name: string, body: string): void {
  write(name, `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder.path, name), 0o755);
}
const env = { PATH: "/usr/bin:/bin" };
const troupe = (...words: readonly string[]) => folder.run(words, { env, columns: 200 });
const json = async (...words: readonly string[]) => JSON.parse((await troupe(...words, "-o", "json")).out);

async function open(target: string, tenant = "default"): Promise<void> {
  await using store = await openStore({ directory: join(folder.path, ".troupe"), durability: "full" });
  const now = Date.now();
  const move = moveBreaker(BREAKER_INITIAL, {
    type: "call.failed",
    at: now,
    failures: 5,
    calls: 5,
    limit: 5,
    delayMs: 60_000,
    dueAt: now + 60_000,
  });
  if (move === null) throw new Error("it opens");
  await store.keepBreaker({ tenant: tenant as TenantId, target }, move, "test");
}

const ROUTER = `builtins: false
tools:
  - { name: gone, adapter: custom, command: [./gone.sh], capabilities: [code-edit] }
  - { name: stub, adapter: command, command: [./stub.sh], capabilities: [code-edit, text], health: { args: [--ping] }, version: { args: [--version] } }
`;
const FLOW = `name: flow
steps:
  - { id: fix, type: agent, prompt: "Mend {{ input.file ?? 'it' }}", tool: { needs: [code-edit] }, env: { MODE: fast } }
  - { id: say, run: "echo hi", needs: fix }
`;

describe("troupe tools", () => {
  test("lists tools without running anything, and how they are when asked to look", async () => {
    write("router.yaml", ROUTER);
    script("stub.sh", 'echo ran >> ran.log; test "$1" = --version && echo "stub 1.4.2"; exit 0');
    const listed = await json("tools", "ls");
    expect(listed.router).toBe(join(folder.path, "router.yaml"));
    expect(
      listed.tools.map(({ name, program, probe }: { name: string; program: string | null; probe: unknown }) => [name, program, probe]),
    ).toEqual([
      ["gone", null, null],
      ["stub", join(folder.path, "stub.sh"), null],
    ]);
    const { out } = await troupe("tools", "ls", "--probe");
    expect(out).toMatch(/stub +command +well 1\.4\.2 +closed/);
    expect(out).toMatch(/gone +custom +missing/);
  });

  test("tells the built-in tools where there is no router, and every mistake of one with its place", async () => {
    const { out, err } = await troupe("tools", "ls");
    expect(out).toMatch(/claude_code[\s\S]*codex[\s\S]*gemini[\s\S]*aider/);
    expect(err).toContain("no router.yaml: the built-in ones");
    write("router.yaml", "tools:\n  - name: codex\n    capabilitys: [text]\n");
    const wrong = await troupe("tools", "ls");
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain("router.yaml:3:5");
    expect(wrong.err).toContain("Did you mean `capabilities`?");
    write("other.yaml", "builtins: false\n");
    expect((await json("tools", "ls", "--router", "other.yaml")).tools).toEqual([]);
  });

  test("tells why a step got its tool, what it was asked, and what would be chosen now", async () => {
    write("router.yaml", ROUTER);
    script("stub.sh", "test $# -gt 0 || { cat > /dev/null; echo done; }");
    write("flow.yaml", FLOW);
    expect((await troupe("run", join(folder.path, "flow.yaml"))).code).toBe(0);
    const why = await troupe("tools", "why", "@latest", "fix");
    expect(why.out).toMatch(/stub +chosen .*it is the first that can do it/);
    expect(why.out).toMatch(/gone +missing .*there is no program/);
    const { steps } = await json("tools", "why", "@latest");
    expect(steps).toMatchObject([{ step: "fix", attempt: 1, decision: { chosen: "stub", asked: { needs: ["code-edit"] } } }]);
    const unknown = await troupe("tools", "why", "@latest", "fixx");
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain("There is one for fix.");

    expect(await json("show", "--request", "fix")).toMatchObject({
      recorded: true,
      request: { step: "fix", tool: "stub", attempt: 1, type: "agent", inputs: { prompt: "Mend it" }, env: ["MODE"] },
    });
    expect(await json("show", "--request", "say")).toMatchObject({
      recorded: false,
      request: { step: "say", tool: null, inputs: { run: "echo hi" } },
    });
    expect((await troupe("show", "--request", "fix")).out).toMatch(/fix, attempt 1 +as it was recorded\ntype +agent\ntool +stub/);
    expect((await troupe("show", "--request", "nothing")).code).toBe(2);

    const now = await json("tools", "why", "--needs", "text", "--prefer", "reliable");
    expect(now).toMatchObject({
      chosen: "stub",
      problem: null,
      considered: [
        { tool: "stub", successRate: 1, calls: 1 },
        { tool: "gone", verdict: "lacks-capability" },
      ],
    });
    expect((await troupe("tools", "why", "--needs", "fly")).out).toContain("No tool can do `fly`.");
    expect((await troupe("tools", "why", "@latest", "--tool", "stub")).code).toBe(2);
  });

  test("shows open breakers, and closes one for a person, who is named in the audit log", async () => {
    write("router.yaml", ROUTER);
    await open("tool:stub");
    await open("tool:stub", "acme");
    await open("webhook:api.example.org");
    expect((await troupe("tools", "ls")).out).toMatch(/tool:stub +acme +open .*5 of 5 calls failed; a probe in/);
    expect(await json("tools", "reset", "stub", "--tenant", "acme")).toEqual({ closed: [{ tenant: "acme", target: "tool:stub" }] });
    expect((await troupe("tools", "reset", "stub")).out).toBe("Closed 1 breaker of stub.\n");
    expect((await troupe("tools", "reset", "stub")).err).toContain("closed already");
    expect((await troupe("tools", "reset", "webhook:api.example.org")).code).toBe(0);
    expect((await troupe("tools", "reset", "stubb")).err).toContain("Did you mean `stub`?");
    const log = (await troupe("tools", "log", "stub", "-o", "jsonl")).out.trim().split("\n");
    expect(log.map((line) => JSON.parse(line)).map(({ type, tenant, from, to, by }) => [type, tenant, from, to, by])).toEqual([
      ["breaker.opened", "default", "closed", "open", "test"],
      ["breaker.opened", "acme", "closed", "open", "test"],
      ["breaker.closed", "acme", "open", "closed", "cli"],
      ["breaker.closed", "default", "open", "closed", "cli"],
    ]);
    expect((await troupe("tools", "log")).out).toMatch(/breaker\.opened +webhook:api\.example\.org +default +test +5 of 5 calls failed/);
    await using store = await openStore({ directory: join(folder.path, ".troupe"), durability: "full" });
    const notes = store.audits(0, 20).filter(({ what }) => what === "breaker.closed");
    expect(notes.map(({ actor, data }) => [actor, data.tenant, data.target, data.on])).toEqual([
      ["cli", "acme", "tool:stub", "breaker.reset"],
      ["cli", "default", "tool:stub", "breaker.reset"],
      ["cli", "default", "webhook:api.example.org", "breaker.reset"],
    ]);
    expect(store.breakers(0).every(({ actor }) => actor.state === "closed")).toBe(true);
  });
});
