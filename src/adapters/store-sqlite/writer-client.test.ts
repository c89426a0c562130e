import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { openStore, type SqliteStore } from "./index.ts";
import { startWriterThread } from "./writer-client.ts";

/** Threads are numbered as they start. */
async function nextThread(): Promise<number> {
  const probe = new Worker("", { eval: true });
  const { threadId } = probe;
  await probe.terminate();
  return threadId;
}

function open(): Promise<SqliteStore> {
  return openStore({ directory: mkdtempSync(join(tmpdir(), "writer-")), durability: "full", willWrite: true });
}

async function openAndClose(): Promise<void> {
  await using store = await open();
  await store.note("test", "opened", {});
}

test("stores that are opened one after the other are written by one thread", async () => {
  await openAndClose();
  const before = await nextThread();
  for (let round = 0; round < 3; round++) await openAndClose();
  expect(await nextThread()).toBe(before + 1);
});

test("of two stores that are open at once, each has a thread of its own", async () => {
  await openAndClose();
  await using one = await open();
  await one.note("test", "opened", {});
  const before = await nextThread();
  await openAndClose();
  expect(await nextThread()).toBe(before + 2);
});

test("a thread that could not open its store leaves nothing to the next one", async () => {
  const nowhere = { path: "/proc/nowhere/troupe.db", durability: "full", busyMs: 100 } as const;
  await expect(startWriterThread(nowhere, () => {})).rejects.toMatchObject({ code: "STORE_UNUSABLE" });
  await openAndClose();
});
