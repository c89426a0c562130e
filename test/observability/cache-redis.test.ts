/** The step cache in a real Redis. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openRedisCache } from "../../src/adapters/cache-redis/store.ts";
import { createTroupe } from "../../src/main/create-troupe.ts";
import { digestContent } from "../../src/main/step-cache.ts";
import { contentOf } from "../../src/ports/cache-content.ts";
import { cacheStoreSuite } from "../conformance/cache-store.suite.ts";
import { useEngines, workflowOf } from "../support/engine-bench.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";

const isThere = spawnSync("redis-server", ["--version"]).status === 0;
if (!isThere) console.warn("SKIPPED: redis-server is not installed (apt-get install redis-server)");
const bench = useEngines();

describe.skipIf(!isThere)("a cache in Redis", () => {
  const directory = mkdtempSync(join(tmpdir(), "troupe-redis-"));
  let url = "";
  let server: ReturnType<typeof spawn>;
  beforeAll(async () => {
    const port = await freePort();
    server = spawn(
      "redis-server",
      ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", "", "--appendonly", "no"],
      {
        stdio: "ignore",
      },
    );
    url = `redis://127.0.0.1:${port}`;
    await eventually(async () => (await openRedisCache({ url }))[Symbol.asyncDispose]());
  });
  afterAll(async () => {
    server.kill("SIGKILL");
    if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    rmSync(directory, { recursive: true, force: true });
  });

  cacheStoreSuite(() => openRedisCache({ url, prefix: "suite:" }));

  test("an entry and its content are forgotten when their time is over", async () => {
    const store = await openRedisCache({ url });
    onTestFinished(() => store[Symbol.asyncDispose]());
    const name = { group: "e".repeat(32), key: digestContent("expiring") };
    const bytes = Buffer.from("expiring content");
    await store.putContent(digestContent(bytes), contentOf(bytes), Date.now() + 300);
    await store.putEntry(name, "text", Date.now() + 300);
    expect(await store.entry(name)).toBe("text");
    await eventually(async () => expect([await store.entry(name), await store.content(digestContent(bytes))]).toEqual([null, null]));
  });

  test("content that a longer-lived entry needs too lives as long as that", async () => {
    const store = await openRedisCache({ url });
    onTestFinished(() => store[Symbol.asyncDispose]());
    const bytes = Buffer.from("shared content");
    await store.putContent(digestContent(bytes), contentOf(bytes), Date.now() + 300);
    await store.putContent(digestContent(bytes), contentOf(bytes), null);
    await store.putContent(digestContent(bytes), contentOf(bytes), Date.now() + 200);
    const gone = { group: "f".repeat(32), key: digestContent("gone") };
    await store.putEntry(gone, "text", Date.now() + 400);
    await eventually(async () => expect(await store.entry(gone)).toBeNull());
    expect(await store.content(digestContent(bytes))).not.toBeNull();
  });

  test("two projects with one secret share results; without Redis their steps run all the same", async () => {
    const workflow = workflowOf(
      "- id: make",
      '  run: \'echo made | tee made.txt; echo "{}" > "$TROUPE_OUTPUT"\'',
      "  cache: { produces: made.txt }",
    );
    const cache = { store: url, secret: "a secret of sixteen or more" };
    const hits: unknown[] = [];
    for (const how of [cache, cache, { store: "redis://127.0.0.1:1", secret: cache.secret }]) {
      const { workspace, state, write } = bench.place();
      const warnings: string[] = [];
      await using troupe = await createTroupe({ state, cache: how, warn: (message) => void warnings.push(message) });
      const run = await troupe.run(write(workflow), { workspace });
      expect((await run.result()).state).toBe("succeeded");
      for await (const { type, data } of run.events()) {
        const { usage } = data as { usage?: { cache?: { hit: boolean } } };
        if (type === "step.succeeded") hits.push(usage?.cache?.hit);
      }
    }
    expect(hits).toEqual([false, true, false]);
  });
});
