/**
 * Asks a person.
 *
 * AP1 The decision is bound to a digest of exactly what is shown; any change needs a new request (S-36).
 * AP2 The step holds no credential that could decide, and reads no answer: a decision comes as a cause to the kernel.
 * AP3 Every attempt after the first is put to those whom `expires.to` names.
 */
import { parseText } from "../../../grammar/parse.ts";
import { parseDurationMs } from "../../core/duration.ts";
import type { FailureClass } from "../../core/failure.ts";
import { hideSecrets } from "../../core/hide-secrets.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import type { Answered } from "../../plan/parking.ts";
import type { AttemptContext, Execution, StepType } from "../../ports/attempt.ts";
import type { Clock } from "../../ports/clock.ts";
import { type ApprovalRequest, digestOfRequest, fieldsSchema, toJournal } from "./request.ts";
import { assessRisk, RISK_LEVELS, type Risk, type RiskLevel } from "./risk.ts";
import { approvalDeclaration } from "./schema.ts";

const REQUEST_MAX_CHARS = 256 * 1024;

export interface ApprovalStepOptions {
  readonly clock: Pick<Clock, "now">;
}

export function createApprovalStep({ clock }: ApprovalStepOptions): StepType {
  return {
    declaration: approvalDeclaration,
    survivesEngine: false,
    async execute(context) {
      return ask(context, clock.now());
    },
    // Nobody has been asked before the attempt is parked, which is on disk.
    reattach: () => Promise.resolve({ kind: "not_started", reason: "Its engine ended before anybody was asked." }),
  };
}

function ask(context: AttemptContext, now: number): Execution {
  const risk = assessRisk(context);
  const spared = sparedBecause(context, risk);
  if (spared !== null) return { kind: "succeeded", output: automatic(spared, risk, now) };
  // Hidden before the digest is made, so that it is of what is shown.
  const request = hideSecrets(requestOf(context, risk, now), context.masks);
  if (JSON.stringify(request).length > REQUEST_MAX_CHARS)
    return refuse("APPROVAL_INVALID", "There is more to be shown than a person can look at.", "Show less, or a link to it.");
  const dueAt = request.expires === null ? null : Date.parse(request.expires.at);
  const parking = { kind: "approval", digest: digestOfRequest(request), request: toJournal(request) } as const;
  return { kind: "parked", until: { parking, dueAt, onDue: onDue(request, risk) } };
}

/** Why nobody has to be asked; null when somebody has. */
function sparedBecause(context: AttemptContext, { score, level }: Risk): string | null {
  const wanted = context.value("level") as RiskLevel | undefined; // the schema says so
  if (wanted !== undefined && RISK_LEVELS.indexOf(level) < RISK_LEVELS.indexOf(wanted))
    return `The risk is ${level} (${score}); a person is asked from ${wanted} on.`;
  const minScore = context.value("min_score");
  if (typeof minScore === "number" && score < minScore) return `The risk score is ${score}; a person is asked from ${minScore} on.`;
  return null;
}

function automatic(comment: string, { score, level, reasons }: Risk, at: number): JsonObject {
  const risk: JsonObject = { score, level, reasons: reasons.map((reason): JsonObject => ({ ...reason })) };
  return { decision: "approved", by: null, at: new Date(at).toISOString(), comment, fields: {}, risk, automatic: true };
}

function requestOf(context: AttemptContext, { score, level, reasons }: Risk, now: number): ApprovalRequest {
  const { runId, workflow, step, attempt } = context.request;
  const expires = expiryOf(context, now);
  const fields = context.value("fields");
  return {
    run: runId,
    workflow: workflow.name,
    definition: workflow.hash,
    step: step.id,
    title: step.title,
    attempt,
    prompt: toText(context.value("prompt")),
    who: attempt > 1 && expires?.otherwise === "escalate" ? expires.to : namesOf(context.value("who"), "who"),
    show: context.value("show") ?? null,
    fields: isJsonObject(fields) ? fieldsSchema(fields) : null,
    risk: { score, level, reasons },
    notBy: context.value("four_eyes") === true ? starterOf(context) : null,
    expires: attempt > 1 && expires?.otherwise === "escalate" ? { ...expires, otherwise: "reject", to: [] } : expires,
  };
}

function expiryOf(context: AttemptContext, now: number): ApprovalRequest["expires"] {
  const expires = context.value("expires");
  if (!isJsonObject(expires)) return null;
  const { after, then = "reject", to } = expires;
  const afterMs = typeof after === "string" || typeof after === "number" ? parseDurationMs(after) : null;
  if (afterMs === null)
    return refuse("APPROVAL_INVALID", `\`expires.after\` is ${JSON.stringify(after)}, which is no duration.`, "Write one such as `4h`.");
  return { at: new Date(now + afterMs).toISOString(), otherwise: then as "approve" | "reject" | "escalate", to: namesOf(to, "expires.to") }; // the schema says so
}

/** Who started the run, as its context says. Without a name nobody could be kept from deciding, so nobody may be asked (S-36). */
function starterOf(context: AttemptContext): string {
  const place = context.request.step.place;
  const source = "{{ context.startedBy ?? '' }}";
  const name = context.evaluate({ kind: "text", text: parseText(source), source, place });
  if (typeof name === "string" && name !== "") return name;
  return refuse(
    "APPROVAL_STARTER",
    "Four eyes are asked for, and nobody knows who started the run.",
    "Start it with a name: `createTroupe().run(file, { context: { startedBy: … } })`; the command line gives its user's.",
  );
}

function onDue({ expires }: ApprovalRequest, risk: Risk): Answered {
  if (expires?.otherwise === "escalate") return { kind: "again" };
  if (expires?.otherwise === "approve")
    return {
      kind: "succeeded",
      output: automatic("Nobody decided in time, and then it counts as approved.", risk, Date.parse(expires.at)),
    };
  return { kind: "failed", failure: { class: "policy", code: "APPROVAL_EXPIRED", title: "Nobody decided in time." } };
}

/** A list that comes out empty names nobody, which must not mean everybody. */
function namesOf(value: Json | undefined, field: string): readonly string[] {
  if (value === undefined) return [];
  const names = (Array.isArray(value) ? (value as readonly Json[]) : [value]).map(toText).filter((name) => name !== "");
  return names.length > 0 ? names : refuse("APPROVAL_INVALID", `\`${field}\` names nobody.`, "Leave it out where anybody may decide.");
}

function toText(value: Json | undefined): string {
  return typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
}

function refuse(code: string, message: string, hint: string): never {
  const failureClass: FailureClass = "validation";
  throw Object.assign(new Error(message), { code, class: failureClass, hint });
}
