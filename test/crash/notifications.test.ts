/** I-38: an engine is killed while a notification waits, before it is sent, and after it was sent but before that is on disk. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { useEngines } from "../support/engine-bench.ts";
import { SIGNING_KEY, startReceiver } from "../support/notify-receiver.ts";
import { workflowOf } from "../support/workflow-of.ts";

const bench = useEngines();

async function scene() {
  const receiver = await startReceiver();
  const { workspace, state, write } = bench.place();
  const config = `notify:
  - name: all
    on: [run.started, run.failed]
    to: { webhook: { url: '${receiver.url}/webhook', secret: { env: TROUPE_NOTIFY_KEY } } }
`;
  writeFileSync(join(workspace, "troupe.config.yaml"), config);
  // Long enough for its beginning to be told before its end is known.
  const file = write(workflowOf("- id: build", "  run: 'sleep 1.5; exit 3'"));
  const env = { TROUPE_NOTIFY_NETWORK: "private", TROUPE_NOTIFY_KEY: SIGNING_KEY };
  const troupe = (words: readonly string[], crashAt = "") =>
    runCommand([...words, "--state", state], { cwd: workspace, env: { ...env, ...(crashAt !== "" && { TROUPE_CRASH_AT: crashAt }) } });
  const ids = () => receiver.received.map(({ headers, body }) => `${body.type} ${body.data.run.id} ${headers["webhook-id"]}`);
  return { receiver, troupe, file, ids };
}

describe("an engine that is killed", () => {
  test.each([
    ["before-notify:1", 0],
    ["before-notify:2", 1],
    ["before-send:1", 0],
    ["before-send:2", 1],
    ["after-send:1", 1],
    ["after-send:2", 2],
  ])("at %s loses no notification, and doubles none but under its id", async (crashAt, sentBefore) => {
    const { troupe, file, ids } = await scene();
    const killed = await troupe(["run", file], crashAt);
    expect([killed.signal, ids().length]).toEqual(["SIGKILL", sentBefore]);
    const resumed = await troupe(["resume", "@latest"]);
    expect(resumed.signal).toBeNull();
    const last = await troupe(["run", file]);
    expect(last.code).toBe(1);
    const told = new Set(ids());
    // Two runs, of each its beginning and its end: each under one id, whoever sent it and however often.
    expect([...told].map((one) => one.split(" ")[0]).sort()).toEqual(["run.failed", "run.failed", "run.started", "run.started"]);
    const log = JSON.parse((await troupe(["notify", "log", "-o", "json"])).stdout) as { state: string }[];
    expect(log.map(({ state }) => state)).toEqual(["sent", "sent", "sent", "sent"]);
  });
});
