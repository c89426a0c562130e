/**
 * Calls a web service.
 *
 * WH1 Nothing is repeated here: the machine decides, and every attempt carries the same `Idempotency-Key` (I-7).
 * WH2 Under `side_effect: once`, a request that may have been handled without our knowing how is lost, never failed: only a person can
 *     say what became of it (I-17).
 */
import { parseDurationMs } from "../../core/duration.ts";
import type { FailureClass, TaskFailure } from "../../core/failure.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { AttemptContext, Execution, StepType } from "../../ports/attempt.ts";
import type { CallbackAddress } from "../../ports/callbacks.ts";
import type { HttpAnswer } from "../../ports/http.ts";
import { blamesTarget, toFailure } from "./classify.ts";
import type { WebhookStepOptions } from "./options.ts";
import { refuse } from "./refuse.ts";
import { requestOf } from "./request.ts";
import { judge } from "./response.ts";
import { webhookDeclaration } from "./schema.ts";
import { urlOf } from "./url.ts";

const CALLBACK_EXPIRES_MS_DEFAULT = 24 * 3_600_000;

export function createWebhookStep(options: WebhookStepOptions): StepType {
  return {
    declaration: webhookDeclaration,
    survivesEngine: false,
    target: (context) => `webhook:${urlOf(context, context.request.step.config.url).origin}`,
    blames: (execution) => execution.kind === "lost" || (execution.kind === "failed" && blamesTarget(execution.failure)),
    async execute(context) {
      const callback = addressOf(context, options);
      const request = await requestOf(context, options, callback);
      const startedAt = options.clock.now();
      const answer = await options.http.call(request, context.signal);
      return withoutAddress(conclude(context, options, callback, answer, startedAt), callback);
    },
  };
}

function conclude(
  context: AttemptContext,
  options: WebhookStepOptions,
  callback: CallbackAddress | null,
  answer: HttpAnswer,
  startedAt: number,
): Execution {
  if (answer.kind === "stopped")
    return answer.mayHaveArrived ? unknown(context, "It was stopped.", { kind: "stopped" }) : { kind: "stopped" };
  if (answer.kind === "failed") {
    const failure = toFailure(answer);
    const failed: Execution = { kind: "failed", failure };
    return answer.mayHaveArrived ? unknown(context, failure.title, failed) : failed;
  }
  const now = options.clock.now();
  const judged = judge(answer, context.value("expect"), now - startedAt, options);
  if (!judged.ok) {
    const failed: Execution = { kind: "failed", failure: judged.failure };
    return judged.reached ? unknown(context, judged.failure.title, failed) : failed;
  }
  return callback === null ? { kind: "succeeded", output: judged.output } : park(context, callback, judged.output, now);
}

/** A service that repeats the address must not put it into the journal: whoever reads that could call back. */
function withoutAddress(execution: Execution, callback: CallbackAddress | null): Execution {
  if (callback === null) return execution;
  const token = callback.url.slice(callback.url.lastIndexOf("/") + 1);
  const text = JSON.stringify(execution);
  return text.includes(token) ? (JSON.parse(text.replaceAll(token, "***")) as Execution) : execution; // A token needs no escapes.
}

/** WH2. */
function unknown({ request }: AttemptContext, problem: string, otherwise: Execution): Execution {
  if (request.step.sideEffect !== "once") return otherwise;
  return { kind: "lost", reason: `The request may have been handled, and nobody knows how. ${problem}` };
}

function addressOf({ request }: AttemptContext, { callbacks }: WebhookStepOptions): CallbackAddress | null {
  if (request.step.config.callback === undefined) return null;
  const address = callbacks.addressOf(request.runId, request.step.id);
  if (address !== null) return address;
  const failureClass: FailureClass = "permanent";
  return refuse(
    "CALLBACK_BASE",
    "This engine does not know under which address it can be called back.",
    "Set `TROUPE_CALLBACK_BASE` to the address that leads to it, such as https://troupe.example.org.",
    failureClass,
  );
}

function park(context: AttemptContext, { digest }: CallbackAddress, response: JsonObject, now: number): Execution {
  const wanted = context.value("callback");
  const { expires } = isJsonObject(wanted) ? wanted : {};
  const given = typeof expires === "string" || typeof expires === "number" ? parseDurationMs(expires) : null;
  const afterMs = given ?? CALLBACK_EXPIRES_MS_DEFAULT;
  const failure: TaskFailure = { class: "timeout", code: "CALLBACK_EXPIRED", title: "Nobody called back in time.", extra: { response } };
  return {
    kind: "parked",
    until: { parking: { kind: "callback", token: digest, response }, dueAt: now + afterMs, onDue: { kind: "failed", failure } },
  };
}
