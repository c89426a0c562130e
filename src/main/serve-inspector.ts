/** The inspector behind the API: each client sees the runs of its own tenant, and no other exists for it (S-31). */
import { createConnections } from "../../observability/inspector/connections.ts";
import type { InspectedStore } from "../../observability/inspector/journal.ts";
import type { Inspecting } from "../api/routes/stream.ts";
import { toError } from "../core/errors.ts";
import type { RunId, TenantId } from "../core/ids.ts";
import type { StoreReader } from "../ports/store.ts";

const CLIENTS_MAX = 200;

export interface ServedInspector {
  add(arrival: Inspecting): void;
  end(): Promise<void>;
}

export function serveInspector(store: StoreReader, warn: (message: string) => void): ServedInspector {
  const connections = createConnections({
    // Pages of the dashboard: whoever opens one shows a session of its own.
    link: (run) => (run === undefined ? "/" : `/runs/${run}`),
    clientsMax: CLIENTS_MAX,
    warn: (error) => warn(`The inspector: ${toError(error).message}`),
  });
  return {
    add({ socket, key, admit }) {
      connections.add({ socket, protocol: socket.protocol, bearer: key }, (secret) => {
        const found = admit(secret);
        return found && { token: found.ticket, store: storeOf(store, found.caller.tenant) };
      });
    },
    end: () => connections.end(),
  };
}

function storeOf(store: StoreReader, tenant: TenantId): InspectedStore {
  const own = (id: RunId): boolean => store.run(id)?.tenant === tenant;
  return {
    run: (id) => (own(id) ? store.run(id) : null),
    runs: (filter) => store.runs({ ...filter, tenant }),
    unfinishedRuns: () => store.unfinishedRuns().filter(own),
    steps: (id) => (own(id) ? store.steps(id) : []),
    entries: (id, afterSeq, limit) => (own(id) ? store.entries(id, afterSeq, limit) : []),
    // Asked for by the hash that a run of its own names.
    definition: (hash) => store.definition(hash),
    tail: (afterPosition, limit) => store.tail(afterPosition, limit),
    lastPosition: () => store.lastPosition(),
    shows: (entry) => entry.tenant === tenant,
  };
}
