/** Puts the parts together: readers on the caller's thread, one writer on its own (or in place, in memory). */
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { canonicalJson } from "../../core/json.ts";
import type { BreakerStore } from "../../ports/breaker.ts";
import type { DeploymentStore } from "../../ports/deployments.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Store, StoreAdmin } from "../../ports/store.ts";
import type { ToolHistory } from "../../ports/tools.ts";
import type { TriggerStore } from "../../ports/triggers.ts";
import { createAdmin } from "./admin.ts";
import { createBreakersQuery } from "./breakers.ts";
import { type Durability, migrate, openConnection } from "./connection.ts";
import { createDeliveriesQuery } from "./deliveries.ts";
import { createDeploymentsQuery } from "./deployments.ts";
import { DATABASE, prepareDirectory } from "./directory.ts";
import { toStoreError } from "./failure.ts";
import { flattenBatch } from "./handover.ts";
import { createOutboxQuery } from "./outbox-query.ts";
import { createOwner } from "./ownership.ts";
import { createReader } from "./reader.ts";
import { createSchedulesQuery } from "./schedules.ts";
import { createToolsQuery } from "./tools-query.ts";
import { createWatchers } from "./watch.ts";
import { createWriter } from "./writer.ts";
import { createLocalWriterClient, startWriterThread, type Trouble, type WriterClient } from "./writer-client.ts";

/** A reader meets a lock only while somebody opens, closes or repairs the file. */
const READER_BUSY_MS = 2_000;
/** Short, since the writer reports that it waits and then goes on waiting. */
const WRITER_BUSY_MS = 250;

export interface StoreOptions {
  /** State directory; created with mode 0700. */
  readonly directory: string;
  /** `relaxed` may lose the last commits with the power, never with the process. */
  readonly durability: Durability;
  /** Keeps everything in memory: for tests, and for runs that nobody wants back. */
  readonly memory?: boolean;
  /** Starts the writer's thread at once, beside what the caller does next: for a command that surely writes. */
  readonly willWrite?: boolean;
  /** Told when the writer begins to wait, and with null when it goes on. */
  readonly onTrouble?: (trouble: Trouble) => void;
  /** @defaultValue Date.now */
  readonly now?: () => number;
}

export interface SqliteStore extends Store, StoreAdmin, BreakerStore, DeploymentStore, TriggerStore, ToolHistory, Outbox {
  /** Null for a store in memory. */
  readonly file: string | null;
}

/**
 * @throws FencedError STORE_UNUSABLE when a boot check fails (I-40): version, settings, schema, directory.
 */
export async function openStore(options: StoreOptions): Promise<SqliteStore> {
  const { directory, durability, memory = false, willWrite = false, onTrouble = () => {}, now = Date.now } = options;
  if (!memory) prepareDirectory(directory);
  const path = memory ? ":memory:" : join(directory, DATABASE);
  const reader = openReader(path, durability);
  const local = memory ? Promise.resolve(createLocalWriterClient(createWriter(reader))) : null;
  let thread: Promise<WriterClient> | null = null;
  // Starting a thread costs 40 ms, so that commands which only read or post do without.
  const writer = (): Promise<WriterClient> => {
    if (local !== null) return local;
    thread ??= startWriterThread({ path, durability, busyMs: WRITER_BUSY_MS }, onTrouble);
    return thread;
  };
  // A failure to start is told to whoever uses the thread.
  if (willWrite) writer().catch(() => {});
  const watchers = createWatchers(reader);
  const owner = createOwner({ directory: memory ? null : directory, reader, writer, now });
  const file = memory ? null : path;
  const wrote = <TValue>(value: TValue): TValue => {
    if (memory) watchers.noteOwnWrite();
    return value;
  };
  let isClosed = false;

  return {
    file,
    ...createReader(reader),
    ...createAdmin({ reader, writer, file, directory, durability, now }),
    watch: watchers.watch,
    own: owner.own,
    disown: owner.disown,
    async commit(epoch, { appended, takenLetters, refusals = [], blobs }) {
      const flat = flattenBatch(appended);
      const texts = blobs.map(({ ref, text }) => ({ hash: ref.$blob, bytes: ref.bytes, text }));
      const answers = refusals.map(({ letter, error }) => ({ letter, error: canonicalJson(error) }));
      wrote(await (await writer()).call("commit", { epoch, flat, takenLetters, refusals: answers, blobs: texts }));
    },
    async putDefinition({ hash, name, document, file: source, createdAt }) {
      wrote(await (await writer()).call("putDefinition", { hash, name, document: canonicalJson(document), file: source, createdAt }));
    },
    async post(runId, causeId, at, event) {
      return wrote(await (await writer()).call("post", { runId, causeId, at, event: canonicalJson(event) }));
    },
    ...createDeploymentsQuery(reader),
    async deploy({ definition: { document, ...definition }, expected, ...order }) {
      const text = { ...definition, document: canonicalJson(document) };
      return wrote(await (await writer()).call("deploy", { ...order, definition: text, expected, at: now() }));
    },
    async undeploy({ expected, ...order }) {
      wrote(await (await writer()).call("undeploy", { ...order, expected, at: now() }));
    },
    ...createSchedulesQuery(reader),
    ...createDeliveriesQuery(reader),
    async decideSlots(epoch, decisions) {
      return wrote(await (await writer()).call("decideSlots", { ...decisions, epoch }));
    },
    async settleSlots(epoch, slots) {
      wrote(await (await writer()).call("settleSlots", { epoch, slots }));
    },
    async stopSchedule(schedule, stop, by) {
      return wrote(await (await writer()).call("stopSchedule", { schedule, stop, by, at: now() }));
    },
    async takeEvent({ plan, ...delivery }) {
      return wrote(await (await writer()).call("takeEvent", { ...delivery, plan: canonicalJson(plan), at: now() }));
    },
    async settleEvent(key, answer) {
      wrote(await (await writer()).call("settleEvent", { ...key, answer: canonicalJson(answer) }));
    },
    breakers: createBreakersQuery(reader),
    toolRecord: createToolsQuery(reader),
    ...createOutboxQuery(reader),
    async keepDecisions({ added, folds, ...order }) {
      const texts = added.map(({ facts, gathers, ...one }) => ({ ...one, gathers: Number(gathers), facts: canonicalJson(facts) }));
      const more = folds.map(({ facts, ...one }) => ({ ...one, facts: canonicalJson(facts) }));
      wrote(await (await writer()).call("keepDecisions", { ...order, added: texts, folds: more }));
    },
    async settleDeliveries(epoch, settled) {
      wrote(await (await writer()).call("settleDeliveries", { epoch, settled }));
    },
    async retryDeliveries(id, at) {
      return wrote(await (await writer()).call("retryDeliveries", { id, at }));
    },
    async keepBreaker({ tenant, target }, { type, on, from, to, at }, by) {
      const order = { tenant, target, what: type, on, from, to: to.state, context: { ...to.context }, at, by };
      wrote(await (await writer()).call("keepBreaker", order));
    },
    async [Symbol.asyncDispose]() {
      if (isClosed) return;
      isClosed = true;
      watchers.close();
      if (memory) await (await writer()).close();
      reader.close();
      // The writer last, so that closing moves the log into the database.
      if (thread !== null) await (await thread).close();
      owner.abandon();
    },
  };
}

/** Migrations need a writing connection for a moment; afterwards this thread only reads. */
function openReader(path: string, durability: Durability): DatabaseSync {
  try {
    const first = openConnection({ path, durability, busyMs: READER_BUSY_MS });
    migrate(first);
    if (path === ":memory:") return first;
    const reader = openConnection({ path, durability, busyMs: READER_BUSY_MS, readOnly: true });
    first.close();
    return reader;
  } catch (error) {
    throw toStoreError(error);
  }
}
