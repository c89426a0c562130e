/** I-6, F-3: clients that stay are told every event once, in order, however the server that tells them ends. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunView } from "../../src/contract/run-view.ts";
import type { SystemView } from "../../src/contract/system-view.ts";
import { createKey } from "../../src/main/api-keys.ts";
import { openProject } from "../../src/main/project.ts";
import { startCommand } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { type Noted, staySse, stayWebSocket } from "../support/staying-client.ts";
import { killAllOf } from "./life.ts";

const RUNS = 20;
/** Goes on by steps, and ends when a file is there. */
const WORKFLOW = (go: string): string => `name: kept
steps:
  - { id: one, run: sleep 0.2 }
  - { id: two, needs: one, run: sleep 0.2, retry: { max: 2, base: 50ms } }
  - { id: many, needs: one, for_each: [1, 2, 3, 4, 5], type: template, template: "{{ item }}" }
  - { id: held, needs: [two, many], run: "until [ -e ${go} ]; do sleep 0.05; done" }
  - { id: last, needs: held, run: 'true' }
`;

test("clients of SSE and of WebSockets are told every event once, in order, over kill -9 and SIGTERM of the server (I-6, F-3)", async () => {
  const root = mkdtempSync(join(tmpdir(), "troupe-served-"));
  const state = join(root, "state");
  const go = join(root, "go");
  const { token } = createKey(state, { name: "load", role: "admin", tenant: "default" });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const client = { url, token };
  const serve = async () => {
    const command = startCommand(["serve", "--port", String(port), "--state", state, "--max-workers", "60"], { cwd: root });
    await command.shows("health");
    return command;
  };
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ definition: WORKFLOW(go) });
  const start = async (): Promise<string> => {
    const response = await fetch(`${url}/api/v1/runs`, { method: "POST", headers, body });
    return ((await response.json()) as RunView).id;
  };
  try {
    let server = await serve();
    const runs = await Promise.all(Array.from({ length: RUNS }, start));
    const following = [
      ...runs.map((run) => staySse(client, run)),
      ...runs.slice(0, 5).map((run) => stayWebSocket(client, [run], [run])),
      stayWebSocket(client, runs, runs),
      stayWebSocket(client, ["*"], runs),
    ];
    await using project = await openProject({ state });
    const isUnderWay = (step: string, some: number) =>
      eventually(() => {
        const begun = runs.filter((run) => project.store.attempts(project.runId(run)).some((attempt) => attempt.step === step));
        expect(begun.length).toBeGreaterThanOrEqual(some);
      }, 60_000);
    const sockets = following.length - RUNS;
    const areAllThere = () =>
      eventually(async () => {
        const { streams } = (await (await fetch(`${url}/api/v1/system`, { headers })).json()) as SystemView;
        expect(streams).toEqual({ sse: RUNS, websocket: sockets });
      }, 60_000);
    // Killed while the first steps run, and while the last wait; two deaths are no crash loop yet (I-20).
    for (const step of ["one", "held"]) {
      await isUnderWay(step, 2);
      await areAllThere();
      server.child.kill("SIGKILL");
      await server.ended;
      server = await serve();
    }
    await isUnderWay("held", RUNS);
    await areAllThere();
    server.child.kill("SIGTERM");
    expect((await server.ended).code).toBe(143);
    server = await serve();
    writeFileSync(go, "");
    const noted = await Promise.all(following);
    const journal = new Map(runs.map((run) => [run, project.store.run(project.runId(run))?.lastSeq ?? 0]));
    expect(runs.map((run) => project.store.run(project.runId(run))?.state)).toEqual(runs.map(() => "succeeded"));
    const problems = noted.flatMap((one, index) => judge(one, index < RUNS + 5 ? [runs[index % RUNS] ?? ""] : runs, journal));
    expect(problems).toEqual([]);
    // Each was cut off by each end of the server.
    expect(noted.map(({ connections }) => connections >= 4)).toEqual(noted.map(() => true));
    server.child.kill("SIGTERM");
    await server.ended;
  } finally {
    await killAllOf(root);
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** What a client should not have been told, or should have been told and was not. */
function judge({ events }: Noted, runs: readonly string[], journal: ReadonlyMap<string, number>): readonly string[] {
  return runs.flatMap((run) => {
    const told = events.filter(({ runId }) => runId === run).map(({ seq }) => seq);
    const all = Array.from({ length: journal.get(run) ?? 0 }, (_, index) => index + 1);
    return all.length > 0 && told.join() === all.join() ? [] : [`${run}: told ${told.join()}, journal ${all.length}`];
  });
}
