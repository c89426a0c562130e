/** Makes the request of one attempt from the step's fields. */

import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { attemptSpanId, traceContext } from "../../core/trace.ts";
import type { AttemptContext } from "../../ports/attempt.ts";
import type { CallbackAddress } from "../../ports/callbacks.ts";
import type { HttpNetwork, HttpRequest } from "../../ports/http.ts";
import type { WebhookStepOptions } from "./options.ts";
import { refuse } from "./refuse.ts";
import { MAX_BYTES_DEFAULT } from "./schema.ts";
import { signatureHeaders } from "./sign.ts";
import { urlOf } from "./url.ts";

/** For a step without a time limit. */
const TIME_LIMIT_MS_DEFAULT = 300_000;
/** The machine's own time limit comes first: what it means is for the step to say. */
const BEHIND_DEADLINE_MS = 60_000;
const CALLBACK_HEADER = "troupe-callback-url";

/** @throws DefinitionError EXPR_* and failures of class `validation` for values that cannot be sent */
export async function requestOf(
  context: AttemptContext,
  { clock }: Pick<WebhookStepOptions, "clock">,
  callback: CallbackAddress | null,
): Promise<HttpRequest> {
  const { request } = context;
  const body = bodyOf(context, callback);
  const now = clock.now();
  const headers = {
    "user-agent": "troupe",
    accept: "application/json, */*;q=0.5",
    ...(body !== null && { "content-type": body.type }),
    ...authorHeaders(context),
    ...credentials(context),
    ...(callback !== null && callbackHeader(context, callback)),
    "idempotency-key": request.idempotencyKey,
    ...traceHeaders(context),
    ...(await signature(context, body?.text ?? "", now)),
  };
  const redirects = context.value("redirects") as number | { readonly max: number; readonly other_origins?: boolean } | undefined; // the schema says so
  return {
    method: (context.value("method") as string | undefined) ?? (body === null ? "GET" : "POST"), // the schema says so
    url: fullUrl(context, callback).href,
    headers,
    body: body?.text ?? null,
    network: (context.value("network") as HttpNetwork | undefined) ?? "public", // the schema says so
    hosts: (context.value("hosts") as readonly string[] | undefined) ?? null, // the schema says so
    redirects:
      typeof redirects === "object"
        ? { max: redirects.max, otherOrigins: redirects.other_origins ?? false }
        : { max: redirects ?? 0, otherOrigins: false },
    maxBytes: maxBytesOf(context),
    timeLimitMs: request.deadlineAt === null ? TIME_LIMIT_MS_DEFAULT : Math.max(1, request.deadlineAt - now) + BEHIND_DEADLINE_MS,
  };
}

function maxBytesOf(context: AttemptContext): number {
  const { max_bytes: maxBytes } = objectOf(context.value("expect"));
  return typeof maxBytes === "number" ? maxBytes : MAX_BYTES_DEFAULT;
}

function fullUrl(context: AttemptContext, callback: CallbackAddress | null): URL {
  const url = urlOf(context, context.request.step.config.url);
  for (const [name, value] of pairsOf(context.value("query"))) url.searchParams.append(name, value);
  const { query } = objectOf(context.value("callback"));
  if (callback !== null && typeof query === "string") url.searchParams.append(query, callback.url);
  return url;
}

interface Body {
  readonly type: string;
  readonly text: string;
}

function bodyOf(context: AttemptContext, callback: CallbackAddress | null): Body | null {
  const { field } = objectOf(context.value("callback"));
  const address: JsonObject = callback !== null && typeof field === "string" ? { [field]: callback.url } : {};
  const json = context.value("json");
  if (json !== undefined) return { type: "application/json", text: JSON.stringify(isJsonObject(json) ? { ...json, ...address } : json) };
  const form = context.value("form");
  if (form !== undefined)
    return {
      type: "application/x-www-form-urlencoded",
      text: new URLSearchParams(
        pairsOf({ ...objectOf(form), ...address }).map(([name, value]): [string, string] => [name, value]),
      ).toString(),
    };
  const body = context.value("body");
  return body === undefined ? null : { type: "text/plain; charset=utf-8", text: textOf(body) };
}

/** A list gives its name several times; what is null is left out. */
function pairsOf(value: Json | undefined): readonly (readonly [string, string])[] {
  return Object.entries(objectOf(value)).flatMap(([name, member]) =>
    (Array.isArray(member) ? (member as readonly Json[]) : [member]).flatMap((item) =>
      item === null ? [] : [[name, textOf(item)] as const],
    ),
  );
}

function authorHeaders(context: AttemptContext): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of pairsOf(context.value("headers"))) headers[name.toLowerCase()] = headerValue(name, value);
  return headers;
}

function credentials(context: AttemptContext): Readonly<Record<string, string>> {
  const { bearer, basic, header } = objectOf(context.value("auth"));
  if (bearer !== undefined) return { authorization: headerValue("Authorization", `Bearer ${textOf(bearer)}`) };
  if (isJsonObject(basic)) return { authorization: `Basic ${base64(`${textOf(basic.user ?? "")}:${textOf(basic.password ?? "")}`)}` };
  if (!isJsonObject(header)) return {};
  const name = textOf(header.name ?? "");
  return { [name.toLowerCase()]: headerValue(name, textOf(header.value ?? "")) };
}

function callbackHeader(context: AttemptContext, { url }: CallbackAddress): Readonly<Record<string, string>> {
  const { header } = objectOf(context.value("callback"));
  return { [typeof header === "string" ? header.toLowerCase() : CALLBACK_HEADER]: url };
}

/** The receiver's spans appear below the attempt's. Baggage stays here (S-41). */
function traceHeaders({ request }: AttemptContext): Readonly<Record<string, string>> {
  const { traceparent, tracestate } = traceContext(request, attemptSpanId(request, request.step.id, request.attempt));
  return { traceparent, ...(tracestate !== "" && { tracestate }) };
}

async function signature(context: AttemptContext, body: string, now: number): Promise<Readonly<Record<string, string>>> {
  const sign = context.value("sign");
  if (!isJsonObject(sign)) return {};
  const id = sign.id === undefined ? context.request.idempotencyKey : textOf(sign.id);
  return signatureHeaders(textOf(sign.secret ?? ""), { id: headerValue("webhook-id", id), timestamp: Math.floor(now / 1_000), body });
}

/** A line break in a header would begin another one. */
function headerValue(name: string, value: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  return refuse(
    "HEADER_VALUE",
    `The value of the header \`${name}\` holds characters that no header can.`,
    "Encode it, or send it in the body.",
  );
}

function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
}
