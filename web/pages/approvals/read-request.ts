/** What a person is asked, taken from the request as it is. What it lacks is left out; the whole of it is shown beside anyway. */
import { isJsonObject, type Json, type JsonObject, textOf } from "../../api/json.ts";

export interface Asked {
  readonly workflow: string;
  readonly title: string | null;
  readonly prompt: string;
  /** What its author wants to be looked at. */
  readonly show: Json;
  /** JSON Schema of the answer's fields; null where none are asked. */
  readonly fields: JsonObject | null;
  readonly risk: Risk | null;
  /** Names that may decide; empty for anybody. */
  readonly who: readonly string[];
  /** Who may not, since it is about that person's own run. */
  readonly notBy: string | null;
  readonly expires: { readonly otherwise: string; readonly to: readonly string[] } | null;
}

interface Risk {
  readonly score: number;
  readonly level: string;
  readonly reasons: readonly { readonly reason: string; readonly score: number | null }[];
}

export function readRequest(request: JsonObject): Asked {
  const { expires } = request;
  return {
    workflow: textOf(request, "workflow") ?? "",
    title: textOf(request, "title"),
    prompt: textOf(request, "prompt") ?? "",
    show: request.show ?? null,
    fields: isJsonObject(request.fields) ? request.fields : null,
    risk: readRisk(request.risk),
    who: textsOf(request.who),
    notBy: textOf(request, "notBy"),
    expires: isJsonObject(expires) ? { otherwise: textOf(expires, "otherwise") ?? "reject", to: textsOf(expires.to) } : null,
  };
}

function readRisk(risk: Json | undefined): Risk | null {
  if (!isJsonObject(risk) || typeof risk.score !== "number") return null;
  const reasons = Array.isArray(risk.reasons) ? (risk.reasons as readonly Json[]) : [];
  return {
    score: risk.score,
    level: textOf(risk, "level") ?? "low",
    reasons: reasons.flatMap((one) => {
      const reason = textOf(one, "reason");
      const score = isJsonObject(one) && typeof one.score === "number" ? one.score : null;
      return reason === null ? [] : [{ reason, score }];
    }),
  };
}

function textsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter((one) => typeof one === "string") : [];
}

/** Why this person cannot decide; null where it is his to do. The server judges again. */
export function whyNotMine({ who, notBy }: Pick<Asked, "who" | "notBy">, name: string): string | null {
  if (notBy === name) return `You started this run. Four eyes are asked for, so somebody else decides.`;
  if (who.length > 0 && !who.includes(name)) return `It asks ${who.join(" or ")}. You are signed in as ${name}.`;
  return null;
}

/** What becomes of it when nobody decides in time. */
export function otherwiseText({ otherwise, to }: NonNullable<Asked["expires"]>): string {
  if (otherwise === "approve") return "it counts as approved";
  if (otherwise === "escalate") return `${to.length === 0 ? "others" : to.join(" and ")} will be asked`;
  return "it is rejected";
}
