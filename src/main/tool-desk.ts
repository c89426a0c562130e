/** What people ask about tools and breakers, beside any engine: which there are, which would be chosen, which was, and let it try again. */
import { findInherited } from "../adapters/process-shim/interpreter.ts";
import { openStore } from "../adapters/store-sqlite/index.ts";
import { RequestError } from "../core/errors.ts";
import type { RunId, TenantId } from "../core/ids.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import { nearestName } from "../core/nearest.ts";
import { moveBreaker } from "../kernel/breaker.ts";
import type { ToolRecord } from "../plan/select-tool.ts";
import type { ToolPolicy } from "../plan/step-policies.ts";
import { type ToolDeclaration, toolTarget } from "../plan/tool.ts";
import { parseDecision, type ToolDecision } from "../plan/tool-decision.ts";
import type { BreakerKey, BreakerRow, BreakerState, BreakerStore, Breakers } from "../ports/breaker.ts";
import type { Store, StoreAdmin } from "../ports/store.ts";
import type { ToolHistory, ToolProbe } from "../ports/tools.ts";
import { type AskedOfStep, recordedRequests } from "./execution-requests.ts";
import { findRun } from "./find-run.ts";
import { NO_HISTORY, type OpenTools, openTools } from "./tools.ts";

export interface ToolDeskOptions {
  /** State directory; null where there is none, so that nothing has happened yet. */
  readonly state: string | null;
  readonly durability: "full" | "relaxed";
  /** A file instead of the `router.yaml` that is found. */
  readonly router: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tenant: TenantId;
}

export interface ToolRow {
  readonly tool: ToolDeclaration;
  /** Absolute path; null when it is missing. */
  readonly program: string | null;
  /** Null when nobody looked. */
  readonly probe: ToolProbe | null;
  readonly breaker: BreakerState;
  readonly record: ToolRecord;
}

/** A breaker's move as an event: it belongs to no run. */
export interface BreakerEventView {
  /** Its place in the audit log. */
  readonly id: number;
  /** `breaker.opened`, `breaker.half_open` or `breaker.closed`. */
  readonly type: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly tenant: string;
  readonly target: string;
  readonly from: string;
  readonly to: string;
  /** `engine 7`, or who reset it. */
  readonly by: string;
  readonly data: JsonObject;
}

export interface ToolDesk {
  fileOf(from: string): string | null;
  /** `looks`: runs health checks and version commands, too. */
  rows(from: string, looks: boolean): Promise<readonly ToolRow[]>;
  /** Breakers of all tenants and targets that have ever opened. */
  breakers(): readonly BreakerRow[];
  /** Moves of breakers, oldest first; of one tool or target, or of all. */
  moves(name: string | undefined): Iterable<BreakerEventView>;
  /** What would be chosen now. */
  choose(policy: ToolPolicy, from: string): Promise<ToolDecision>;
  /** What was chosen in a run, by step. @throws RequestError RUN_NOT_FOUND, RUN_AMBIGUOUS */
  chosenIn(run: string): { readonly runId: RunId; readonly steps: readonly AskedOfStep[] };
  /** Closes the breakers of a tool or target, of one tenant or of all. @throws RequestError BREAKER_UNKNOWN */
  reset(name: string, tenant: TenantId | null, by: string): Promise<readonly BreakerKey[]>;
}

/** Opens the store for itself; nobody has to drive it. */
export async function openToolDesk({ state, durability, router, env, tenant }: ToolDeskOptions): Promise<ToolDesk & AsyncDisposable> {
  const store = state === null ? null : await openStore({ directory: state, durability });
  const breakers: Breakers = { call: (_key, work) => work(), state: (key) => stateIn(store, key), [Symbol.dispose]: () => {} };
  const tools = openTools({ router, breakers, history: store ?? NO_HISTORY, env, inherited: findInherited(env) });
  return {
    ...createToolDesk({ store, router: tools, tenant }),
    async [Symbol.asyncDispose]() {
      await store?.[Symbol.asyncDispose]();
    },
  };
}

export interface ToolDeskParts {
  /** Null where nothing has happened yet. */
  readonly store: (Store & StoreAdmin & BreakerStore & ToolHistory) | null;
  readonly router: OpenTools;
  readonly tenant: TenantId;
}

function createToolDesk({ store, router: { tools, prober, fileOf }, tenant }: ToolDeskParts): ToolDesk {
  const history = store ?? NO_HISTORY;
  return {
    fileOf,
    rows: (from, looks) =>
      Promise.all(
        tools.list(from).map(async (tool) => ({
          tool,
          program: prober.locate(tool),
          probe: looks ? await tools.probe(tool.name, from) : null,
          breaker: stateIn(store, { tenant, target: toolTarget(tool.name) }),
          record: history.toolRecord(tool.name, tenant),
        })),
      ),
    breakers: () => store?.breakers(0) ?? [],
    moves: (name) => (store === null ? [] : movesIn(store, name)),
    async choose(policy, from) {
      const { decision } = await tools.select({ policy, tenant, workspace: from });
      const read = parseDecision(decision);
      if (read === null) throw new RequestError("TOOL_UNKNOWN", { tool: policy.name ?? "" });
      return read;
    },
    chosenIn(run) {
      if (store === null) throw new RequestError("RUN_NOT_FOUND", { run });
      const runId = findRun(store, run);
      return { runId, steps: recordedRequests({ store, runId }) };
    },
    reset: (name, only, by) => (store === null ? Promise.reject(unknownBreaker(name, [])) : resetBreakers(store, name, only, by)),
  };
}

function stateIn(store: BreakerStore | null, key: BreakerKey): BreakerState {
  return store?.breakers(0).find((row) => isSame(row, key))?.actor.state ?? "closed";
}

const NOTES_AT_ONCE = 1_000;

function* movesIn(store: StoreAdmin, name: string | undefined): Generator<BreakerEventView> {
  for (let after = 0; ; ) {
    const notes = store.audits(after, NOTES_AT_ONCE);
    for (const { id, at, actor, what, data } of notes) {
      after = id;
      if (!what.startsWith("breaker.")) continue;
      const target = String(data.target);
      if (name !== undefined && target !== name && target !== toolTarget(name)) continue;
      const known = isJsonObject(data.context) ? data.context : {};
      const [tenant, from, to] = [String(data.tenant), String(data.from), String(data.to)];
      yield {
        id,
        type: what,
        at: new Date(at).toISOString(),
        tenant,
        target,
        from,
        to,
        by: actor,
        data: { on: String(data.on), ...known },
      };
    }
    if (notes.length < NOTES_AT_ONCE) return;
  }
}

/** As `ToolDesk.reset`. Another tenant's breakers are not even named. */
export async function resetBreakers(store: BreakerStore, name: string, only: TenantId | null, by: string): Promise<readonly BreakerKey[]> {
  const rows = store.breakers(0).filter(({ tenant }) => only === null || tenant === only);
  const found = rows.filter(({ target }) => target === name || target === toolTarget(name));
  if (found.length === 0) throw unknownBreaker(name, rows);
  const closed: BreakerKey[] = [];
  for (const { tenant, target, actor } of found) {
    const move = moveBreaker(actor, { type: "breaker.reset", at: Date.now(), by, dueAt: null });
    if (move === null) continue; // It was closed already.
    await store.keepBreaker({ tenant, target }, move, by);
    closed.push({ tenant, target });
  }
  return closed;
}

function unknownBreaker(name: string, rows: readonly BreakerRow[]): RequestError {
  const targets = [...new Set(rows.map(({ target }) => target))];
  const near = nearestName(name, [...targets, ...targets.map((target) => target.replace(/^tool:/, ""))]);
  return new RequestError("BREAKER_UNKNOWN", { target: name }, near === undefined ? {} : { fix: `Did you mean \`${near}\`?` });
}

function isSame(one: BreakerKey, other: BreakerKey): boolean {
  return one.tenant === other.tenant && one.target === other.target;
}
