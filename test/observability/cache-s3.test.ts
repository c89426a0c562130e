/** The step cache in a small S3 server. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openS3Cache, type S3CacheOptions } from "../../src/adapters/cache-s3/store.ts";
import { createTroupe } from "../../src/main/create-troupe.ts";
import { openCache } from "../../src/main/step-cache.ts";
import { cacheStoreSuite } from "../conformance/cache-store.suite.ts";
import { useEngines, workflowOf } from "../support/engine-bench.ts";
import { freePort } from "../support/free-port.ts";

const bench = useEngines();

describe("a cache in S3", () => {
  const directory = mkdtempSync(join(tmpdir(), "troupe-s3-"));
  let server: S3rver;
  let options: S3CacheOptions;
  beforeAll(async () => {
    const port = await freePort();
    server = new S3rver({ port, address: "127.0.0.1", silent: true, directory, configureBuckets: [{ name: "bucket" }] });
    await server.run();
    options = { endpoint: `http://127.0.0.1:${port}/bucket`, region: "us-east-1", accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
  });
  afterAll(async () => {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  cacheStoreSuite(() => openS3Cache(options));

  /** The server above cannot do it: it makes its tokens with a function that Node no longer has. */
  test("lists more entries than one answer of a server holds", async () => {
    const group = "9".repeat(32);
    const asked: (string | null)[] = [];
    const pages = createServer((request, response) => {
      const token = new URL(request.url ?? "", "http://x").searchParams.get("continuation-token");
      asked.push(token);
      const next =
        token === null
          ? "<IsTruncated>true</IsTruncated><NextContinuationToken>t2</NextContinuationToken>"
          : "<IsTruncated>false</IsTruncated>";
      const objects = Array.from({ length: 1_000 }, (_, index) => {
        const key = ((token === null ? 0 : 1_000) + index).toString(16).padStart(64, "0");
        return `<Contents><Key>troupe-cache/v1/entries/${group}/${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>1</Size></Contents>`;
      });
      response.end(`<?xml version="1.0"?><ListBucketResult>${next}${objects.join("")}</ListBucketResult>`);
    }).listen(0, "127.0.0.1");
    await once(pages, "listening");
    const { port } = pages.address() as AddressInfo; // It listens on a port.
    const store = await openS3Cache({ ...options, endpoint: `http://127.0.0.1:${port}/bucket` });
    const found = new Set<string>();
    for await (const { key } of store.entries(group)) found.add(key);
    pages.close();
    expect([found.size, asked]).toEqual([2_000, [null, "t2"]]);
  });

  test("is shared by projects with one secret", async () => {
    const env = { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER", AWS_REGION: "us-east-1" };
    const location = `s3+${options.endpoint}`;
    await expect(openCache(directory, { store: location }, {})).rejects.toMatchObject({ code: "CACHE_LOCATION" });
    Object.assign(process.env, env);
    const workflow = workflowOf("- id: make", "  run: 'echo made > made.txt'", "  cache: { produces: made.txt }");
    const hits: unknown[] = [];
    for (let time = 0; time < 2; time++) {
      const { workspace, state, write } = bench.place();
      await using troupe = await createTroupe({ state, cache: { store: location, secret: "a secret of sixteen or more" } });
      const run = await troupe.run(write(workflow), { workspace });
      expect((await run.result()).state).toBe("succeeded");
      for await (const { type, data } of run.events()) {
        const { usage } = data as { usage?: { cache?: { hit: boolean } } };
        if (type === "step.succeeded") hits.push(usage?.cache?.hit);
      }
    }
    for (const name of Object.keys(env)) delete process.env[name];
    expect(hits).toEqual([false, true]);
  });
});
