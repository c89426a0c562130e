/**
 * One breaker: the statechart decides, opossum counts calls in a rolling window, refuses, and lets one probe through.
 *
 * O1 Each state of the statechart gets a circuit of its own, made for that state. A call belongs to the circuit that let it through, so
 *    that an answer which comes after a move says nothing about the state that follows.
 * O2 Opossum's own time-out is off: ending a call is its caller's business. So is its threshold: it knows a share, and no number.
 * O3 A refused call costs nothing and is no call; one that says nothing about the target leaves a half-open breaker as it is.
 */
import CircuitBreaker from "opossum";
import { type BreakerActor, type BreakerEvent, type BreakerMove, moveBreaker } from "../../kernel/breaker.ts";
import type { BreakerPolicy } from "../../plan/tool.ts";
import type { BreakerOpen, CallVerdict } from "../../ports/breaker.ts";

/** While a probe is on its way nobody knows how long it takes. */
const PROBE_WAIT_MS = 1_000;
/** A share of failures that is never exceeded: the statechart opens (O2). */
const NEVER_PERCENT = 100;
/** A timer of no length would fire before its circuit is known. */
const RECOVERY_MS_MIN = 1;

/** Opossum tells a call's success from its failure by whether it throws; these carry the result either way. */
class Answered {
  readonly result: unknown;
  constructor(result: unknown) {
    this.result = result;
  }
}
class Failed extends Answered {}
class Undecided extends Answered {}

type Job = () => Promise<Answered>;
type Circuit = CircuitBreaker<[Job], Answered>;

export interface BreakerOptions {
  readonly actor: BreakerActor;
  readonly policy: BreakerPolicy;
  readonly moved: (move: BreakerMove) => void;
}

export interface Breaker extends Disposable {
  readonly actor: BreakerActor;
  call<TResult>(
    work: () => Promise<TResult>,
    judge: (result: TResult) => CallVerdict,
    policy: BreakerPolicy | undefined,
  ): Promise<TResult | BreakerOpen>;
  /** Goes on from what somebody else has made of it; tells nobody. */
  assume(actor: BreakerActor): void;
}

export function createBreaker({ actor: first, policy: firstPolicy, moved }: BreakerOptions): Breaker {
  let actor = first;
  let policy = firstPolicy;
  let circuit = createCircuit();

  function createCircuit(): Circuit {
    const made = circuitFor(actor, policy);
    made.on("failure", () => fail(made));
    made.on("success", (settled: unknown) => succeed(settled));
    made.on("halfOpen", () => send({ type: "xstate.after.recovery.breaker-v1.open", at: Date.now(), dueAt: null }));
    return made;
  }

  function fail(at: Circuit): void {
    const { failures, successes } = at.stats;
    const now = Date.now();
    const { failures: limit, recoveryMs: delayMs } = policy;
    send({ type: "call.failed", at: now, failures, calls: failures + successes, limit, delayMs, dueAt: now + delayMs });
  }

  /** What was thrown and filtered arrives as a success, too. */
  function succeed(settled: unknown): void {
    if (actor.state !== "half_open") return;
    const isAnswer = settled instanceof Answered && !(settled instanceof Undecided);
    if (isAnswer) send({ type: "call.answered", at: Date.now(), dueAt: null });
    else replaceCircuit(); // Opossum has closed its circuit; this one waits for the next probe (O3).
  }

  function send(event: BreakerEvent): void {
    const move = moveBreaker(actor, event);
    if (move === null) return;
    actor = move.to;
    replaceCircuit();
    moved(move);
  }

  function replaceCircuit(): void {
    circuit.shutdown();
    circuit = createCircuit();
  }

  return {
    get actor() {
      return actor;
    },
    async call(work, judge, given) {
      policy = given ?? policy;
      try {
        const { result } = await circuit.fire(async () => {
          const made = await work();
          const verdict = judge(made);
          if (verdict === "failed") throw new Failed(made);
          if (verdict === "undecided") throw new Undecided(made);
          return new Answered(made);
        });
        return result as Awaited<ReturnType<typeof work>>; // It was made from this call's own result, here and below.
      } catch (thrown) {
        if (thrown instanceof Answered) return thrown.result as Awaited<ReturnType<typeof work>>;
        if (isRefusal(thrown)) return { open: true, retryAfterMs: waitOf(actor) };
        throw thrown;
      }
    },
    assume(given) {
      actor = given;
      replaceCircuit();
    },
    [Symbol.dispose]: () => circuit.shutdown(),
  };
}

function circuitFor({ state, context }: BreakerActor, policy: BreakerPolicy): Circuit {
  const delayMs = context.delayMs ?? policy.recoveryMs;
  // A clock that was set back must not make it longer.
  const remainingMs = Math.min(delayMs, Math.max(RECOVERY_MS_MIN, (context.dueAt ?? 0) - Date.now()));
  return new CircuitBreaker<[Job], Answered>((job) => job(), {
    timeout: false,
    resetTimeout: remainingMs,
    errorThresholdPercentage: NEVER_PERCENT,
    rollingCountTimeout: policy.windowMs,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    errorFilter: (thrown: unknown) => !(thrown instanceof Failed),
    ...(state !== "closed" && { state: circuitState(state) }),
  });
}

/** As `CircuitBreaker.toJSON().state` says it; opossum goes on from there. */
function circuitState(state: "open" | "half_open"): CircuitBreaker.State {
  const isOpen = state === "open";
  const given = { name: state, enabled: true, closed: false, open: isOpen, halfOpen: !isOpen, warmUp: false, shutdown: false };
  return given as CircuitBreaker.State; // Without the time of its last timer it begins a new one, whose length we give.
}

function isRefusal(thrown: unknown): boolean {
  return (thrown as { readonly code?: unknown } | null)?.code === "EOPENBREAKER";
}

function waitOf({ state, context }: BreakerActor): number {
  return state === "open" ? Math.max(1, (context.dueAt ?? 0) - Date.now()) : PROBE_WAIT_MS;
}
