/**
 * Live statecharts of runs and of their steps, for a browser on this machine and for tools that read Stately's inspection events.
 *
 * It reads the journal like any other process would, and only while somebody looks on: a run that nobody inspects is not slowed down,
 * and one that is inspected neither waits for a client nor fails with one (I-38).
 */
import { toError } from "../src/core/errors.ts";
import type { RunId } from "../src/core/ids.ts";
import type { StoreReader } from "../src/ports/store.ts";
import { createAccess } from "./inspector/access.ts";
import { type Admitted, createConnections } from "./inspector/connections.ts";
import { wholeStore } from "./inspector/journal.ts";
import { openPageServer } from "./inspector/page-server.ts";

const CLIENTS_MAX = 16;

export interface InspectorOptions {
  readonly store: StoreReader;
  /** @defaultValue 0: any free port */
  readonly port?: number;
  /** Hears what does not work; nothing else is harmed by it. */
  readonly warn: (message: string) => void;
}

export interface Inspector extends AsyncDisposable {
  /** An address that opens the page once, at this run or at the newest that has not ended; every call makes a new one. */
  link(run?: RunId): string;
}

/** @throws RequestError INSPECTOR_PORT_UNUSABLE */
export async function openInspector({ store, port = 0, warn }: InspectorOptions): Promise<Inspector> {
  const access = createAccess();
  // The ticket stands behind the `#`, which browsers send to nobody.
  const link = (run?: RunId): string =>
    `http://127.0.0.1:${server.port}/#ticket=${access.newTicket()}${run === undefined ? "" : `&run=${run}`}`;
  const connections = createConnections({
    link,
    clientsMax: CLIENTS_MAX,
    warn: (error) => warn(`The inspector: ${toError(error).message}`),
  });
  const all = wholeStore(store);
  const letIn = (secret: string): Admitted | null => {
    const token = access.admit(secret);
    return token === null ? null : { token, store: all };
  };
  const server = await openPageServer({ port, knows: access.admit, arrived: (arrival) => connections.add(arrival, letIn) });
  return {
    link,
    async [Symbol.asyncDispose]() {
      await connections.end();
      server[Symbol.dispose]();
    },
  };
}
