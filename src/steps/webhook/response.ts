/** Judges an answer by what the author expects, and makes the step's output of it. */
import type { TaskFailure } from "../../core/failure.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { findNotJson } from "../../core/not-json.ts";
import type { HttpResponse } from "../../ports/http.ts";
import { classOfStatus, retryAfterMs } from "./classify.ts";
import type { WebhookStepOptions } from "./options.ts";

/** `reached`: the server did what it was asked to, and only its answer is of no use. */
export type Judged =
  | { readonly ok: true; readonly output: JsonObject }
  | { readonly ok: false; readonly failure: TaskFailure; readonly reached: boolean };

/** What is kept of an answer that is a failure. */
const DETAIL_MAX_CHARS = 2_000;
const JSON_TYPE = /^(?:application\/json|[\w.-]+\/[\w.-]+\+json)\b/i;

interface Expectation {
  readonly status?: number | readonly (number | string)[];
  readonly schema?: JsonObject;
  readonly format?: "auto" | "json" | "text" | "none";
}

export function judge(
  response: HttpResponse,
  expectation: Json | undefined,
  durationMs: number,
  { validate, clock }: Pick<WebhookStepOptions, "validate" | "clock">,
): Judged {
  const { status, schema, format = "auto" } = (expectation ?? {}) as Expectation; // the schema of the step says so
  const origin = new URL(response.url).origin;
  if (!isExpected(response.status, status)) return { ok: false, reached: false, failure: statusFailure(response, origin, clock.now()) };
  const unusable = (code: string, title: string, extra: Partial<TaskFailure> = {}): Judged => {
    return { ok: false, reached: true, failure: { class: "validation", code, title, status: response.status, ...extra } };
  };
  const type = response.headers["content-type"] ?? "";
  const content: { [name: string]: Json } = {};
  if (format === "json" || schema !== undefined || (format === "auto" && JSON_TYPE.test(type) && response.body.length > 0)) {
    const parsed = parse(textOf(response, type));
    if ("problem" in parsed)
      return unusable("RESPONSE_NOT_JSON", `${origin} answered ${response.status}, but with what is no usable JSON.`, {
        detail: parsed.problem,
      });
    content.json = parsed.value;
  } else if (format !== "none") content.body = textOf(response, type);
  if (schema !== undefined) {
    const errors = validate(schema, content.json ?? null, "json");
    if (errors.length > 0)
      return unusable("RESPONSE_SCHEMA", `The answer of ${origin} does not fit its schema.`, {
        detail: errors.map(({ path, message }) => `${path}: ${message}`).join("\n"),
      });
  }
  return { ok: true, output: { status: response.status, headers: response.headers, ...content, durationMs } };
}

function isExpected(status: number, expected: Expectation["status"]): boolean {
  if (expected === undefined) return status >= 200 && status < 300;
  if (typeof expected === "number") return status === expected;
  return expected.some((item) => {
    if (typeof item === "number") return item === status;
    if (item.endsWith("xx")) return Math.floor(status / 100) === Number(item[0]);
    const [from = 0, to = 0] = item.split("-").map(Number);
    return status >= from && status <= to;
  });
}

/** The origin without its path: some services take a path for a credential. */
function statusFailure(response: HttpResponse, origin: string, now: number): TaskFailure {
  const { status, headers } = response;
  const text = textOf(response, headers["content-type"] ?? "").slice(0, DETAIL_MAX_CHARS);
  const parsed = parse(text);
  const waitMs = retryAfterMs(headers["retry-after"], now);
  const isRedirect = status >= 300 && status < 400 && headers.location !== undefined;
  return {
    class: classOfStatus(status),
    code: `HTTP_${status}`,
    title: `${origin} answered ${status}.`,
    status,
    ...(text.trim() !== "" && { detail: text }),
    ...(waitMs !== null && { retryAfterMs: waitMs }),
    ...(isRedirect && { hint: "Call the final address, or allow `redirects`." }),
    ...("value" in parsed && isJsonObject(parsed.value) && { extra: { body: parsed.value } }),
  };
}

function parse(text: string): { readonly value: Json } | { readonly problem: string } {
  try {
    let hasProto = false;
    const value = JSON.parse(text, (key, member) => {
      hasProto ||= key === "__proto__"; // S-5
      return member;
    }) as Json; // JSON.parse makes nothing but JSON
    const problem = hasProto ? "The key `__proto__` is not allowed" : findNotJson(value, "json");
    return problem === null ? { value } : { problem };
  } catch (thrown) {
    return { problem: thrown instanceof Error ? thrown.message : "It is no JSON." };
  }
}

/** Bytes that the character set does not know become U+FFFD. */
function textOf({ body }: HttpResponse, type: string): string {
  const charset = /;\s*charset="?([\w.-]+)/i.exec(type)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}
