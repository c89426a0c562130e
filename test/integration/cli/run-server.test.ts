/** `troupe run --server`: a run on a server looks like one of this machine. */
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { RunView } from "../../../src/contract/run-view.ts";
import { createKey } from "../../../src/main/api-keys.ts";
import { runCommand, startCommand } from "../../support/command.ts";
import { useEngines, waitFor, workflowOf } from "../../support/engine-bench.ts";
import { freePort } from "../../support/free-port.ts";

const bench = useEngines();
const HELLO = workflowOf("- id: a", "  type: template", "  template: hello {{ input.to }}");

async function serve() {
  const { workspace, state, write } = bench.place();
  const url = `http://127.0.0.1:${await freePort()}`;
  const key = (role: "admin" | "operator" | "viewer") => ({ TROUPE_KEY: createKey(state, { name: role, role, tenant: "default" }).token });
  const admin = key("admin");
  const start = async () => {
    const server = startCommand(["serve", "--port", new URL(url).port, "--state", state], { cwd: workspace });
    await server.shows("health");
    return server;
  };
  // Elsewhere, as far as runs are concerned.
  const { workspace: cwd, write: writeHere } = bench.place();
  const run = (words: readonly string[], env: Readonly<Record<string, string>> = admin) =>
    startCommand(["run", ...words, "--server", url], { cwd, env });
  return { url, workspace, write, writeHere, cwd, server: await start(), start, key, run, admin };
}

describe("troupe run --server", () => {
  test("runs a file there, shows what happens, and ends as the run does", async () => {
    const { run, writeHere, cwd, key, server } = await serve();
    const file = writeHere(HELLO);
    const text = await run([file, "-i", "to=you"]).ended;
    expect([text.code, text.stdout]).toEqual([0, expect.stringContaining("succeeded")]);
    const json = await run([file, "-i", "to=you", "-o", "json"]).ended;
    expect((JSON.parse(json.stdout) as RunView).steps[0]?.output).toEqual({ text: "hello you" });
    const lines = (await run([file, "-i", "to=you", "-o", "jsonl"]).ended).stdout.trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(lines.map((_, index) => index + 1));
    const failing = writeHere(workflowOf("- id: a", "  run: exit 3"), "failing.troupe.yaml");
    expect((await run([failing]).ended).code).toBe(1);
    const asking = writeHere(workflowOf("- id: a", "  type: approval", "  prompt: Go on?"), "asking.troupe.yaml");
    expect((await run([asking]).ended).code).toBe(3);
    // What a workflow says is for those who may say it.
    const refused = await run([file, "-i", "to=you"], key("operator")).ended;
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("API_RIGHT")]);
    expect(existsSync(join(cwd, ".troupe"))).toBe(false);
    server.child.kill("SIGTERM");
    await server.ended;
  });

  test("runs a deployed workflow by its name, with a key that may only start it", async () => {
    const { url, run, admin, key, server } = await serve();
    const source = `name: nightly\ninput: { type: object, properties: { count: { type: integer } } }\nsteps:\n  - { id: a, type: template, template: "{{ input.count + 1 }}" }\n`;
    const put = await fetch(`${url}/api/v1/workflows/nightly`, {
      method: "PUT",
      headers: { authorization: `Bearer ${admin.TROUPE_KEY}`, "content-type": "application/json" },
      body: JSON.stringify({ source }),
    });
    expect(put.status).toBe(201);
    const ended = await run(["nightly", "-i", "count=41", "-o", "json"], key("operator")).ended;
    expect([ended.code, (JSON.parse(ended.stdout) as RunView).steps[0]?.output]).toEqual([0, { text: "42" }]);
    const detached = await run(["nightly", "-i", "count=1", "--detach", "--key", "once"], key("operator")).ended;
    const again = await run(["nightly", "-i", "count=1", "--detach", "--key", "once"], key("operator")).ended;
    expect([detached.stdout, detached.stdout]).toEqual([again.stdout, expect.stringMatching(/^run_[0-9a-f]{32}\n$/)]);
    server.child.kill("SIGTERM");
    await server.ended;
  });

  test("follows it over the end of the server, and cancels it on Ctrl-C", async () => {
    const { run, writeHere, workspace, server, start } = await serve();
    const held = writeHere(workflowOf("- id: a", "  run: 'touch began; until [ -e go ]; do sleep 0.05; done'"));
    const following = run([held, "-o", "jsonl"]);
    await waitFor(join(workspace, "began"));
    await following.shows('"step.started"');
    server.child.kill("SIGKILL");
    await server.ended;
    await following.shows("cannot be reached");
    const second = await start();
    writeFileSync(join(workspace, "go"), "");
    const { code, stdout } = await following.ended;
    const seqs = stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
    expect([code, seqs]).toEqual([0, seqs.map((_, index) => index + 1)]);
    const endless = writeHere(workflowOf("- id: a", "  run: 'touch endless; sleep 60'"), "endless.troupe.yaml");
    const canceled = run([endless, "-o", "json"]);
    // The step may begin at the server before it is followed from here.
    await canceled.shows("a started");
    canceled.child.kill("SIGINT");
    const end = await canceled.ended;
    expect([end.code, (JSON.parse(end.stdout) as RunView).state]).toEqual([130, "canceled"]);
    second.child.kill("SIGTERM");
    await second.ended;
  });

  test("sends its key to no server in the clear, and along with no redirect (S-20, S-28)", async () => {
    const { workspace, write } = bench.place();
    const file = write(HELLO);
    const told: (string | undefined)[] = [];
    const thief = createServer((request, response) => {
      told.push(request.headers.authorization);
      response.end("{}");
    }).listen(0, "127.0.0.1");
    await once(thief, "listening");
    const { port } = thief.address() as AddressInfo;
    const guide = createServer((_, response) => response.writeHead(307, { location: `http://localhost:${port}/` }).end()).listen(
      0,
      "127.0.0.1",
    );
    await once(guide, "listening");
    const env = { TROUPE_KEY: "tr_secret" };
    onTestFinished(() => {
      thief.close();
      guide.close();
    });
    const away = await runCommand(["run", file, "--server", `http://127.0.0.1:${(guide.address() as AddressInfo).port}`], {
      cwd: workspace,
      env,
    });
    expect([away.code, told]).toEqual([2, []]);
    for (const server of [
      "http://troupe.example.org",
      "ftp://127.0.0.1",
      "http://u:p@127.0.0.1",
      "127.0.0.1:7171",
      "http://127.0.0.1.evil.test",
    ]) {
      const refused = await runCommand(["run", file, "--server", server], { cwd: workspace, env });
      expect([server, refused.code, refused.stderr.includes("tr_secret")]).toEqual([server, 2, false]);
    }
    const keyless = await runCommand(["run", file, "--server", "http://127.0.0.1:1"], { cwd: workspace });
    expect([keyless.code, keyless.stderr]).toEqual([2, expect.stringContaining("TROUPE_KEY")]);
    const other = await runCommand(["run", file, "--server", "http://127.0.0.1:1", "--max-workers", "2"], { cwd: workspace, env });
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("--max-workers")]);
  });
});
