/** A person's decision, checked against what was asked: who may decide, until when, and which fields the answer needs (I-24, S-36). */
import { RequestError } from "../../core/errors.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { Answered } from "../../plan/parking.ts";
import type { ApprovalRequest } from "./request.ts";

export interface Approver {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface Decision {
  readonly decision: "approved" | "rejected";
  readonly by: Approver;
  readonly comment: string | null;
  readonly fields: JsonObject;
}

export type ValidateFields = (
  schema: JsonObject,
  data: Json,
  root: string,
) => readonly { readonly path: string; readonly message: string }[];

/** @throws RequestError APPROVAL_NOT_YOURS, APPROVAL_OWN_RUN, APPROVAL_LATE, APPROVAL_FIELDS */
export function toAnswer(request: ApprovalRequest, decision: Decision, now: number, validate: ValidateFields): Answered {
  const { by, comment } = decision;
  const { step, who, notBy, expires } = request;
  if (notBy !== null && by.name === notBy) throw new RequestError("APPROVAL_OWN_RUN", { step, name: by.name });
  if (who.length > 0 && !who.some((name) => name === by.name || by.groups.includes(name)))
    throw new RequestError("APPROVAL_NOT_YOURS", { step, name: by.name, who: [...who] });
  if (expires !== null && now >= Date.parse(expires.at)) throw new RequestError("APPROVAL_LATE", { step, at: expires.at });
  const at = new Date(now).toISOString();
  if (decision.decision === "rejected") {
    const title = `${by.name} rejected it${comment === null ? "" : `: ${comment}`}`;
    const extra: JsonObject = { decision: "rejected", by: by.name, at, comment };
    return { kind: "failed", failure: { class: "policy", code: "APPROVAL_REJECTED", title, extra } };
  }
  const fields = withDefaults(request.fields, decision.fields);
  const problems = request.fields === null ? strangers(fields) : validate(request.fields, fields, "fields");
  if (problems.length > 0)
    throw new RequestError("APPROVAL_FIELDS", { step, problems: problems.map(({ path, message }) => `${path}: ${message}`).join("\n") });
  const { score, level, reasons } = request.risk;
  const risk: JsonObject = { score, level, reasons: reasons.map((reason): JsonObject => ({ ...reason })) };
  return { kind: "succeeded", output: { decision: "approved", by: by.name, at, comment, fields, risk, automatic: false } };
}

function withDefaults(schema: JsonObject | null, given: JsonObject): JsonObject {
  const properties = (schema?.properties ?? {}) as Readonly<Record<string, JsonObject>>; // Of a JSON Schema.
  const defaults = Object.entries(properties).flatMap(([name, { default: value }]): [string, Json][] =>
    value === undefined ? [] : [[name, value]],
  );
  return { ...Object.fromEntries(defaults), ...given };
}

function strangers(fields: JsonObject): readonly { readonly path: string; readonly message: string }[] {
  return Object.keys(fields).map((name) => ({ path: `fields.${name}`, message: "is not asked for" }));
}
