/** The other side of notifications: checks each message by what its service documents, and answers as that service does. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { onTestFinished } from "vitest";

const open = {};
const plain = (max: number) =>
  Type.Object(
    { type: Type.Literal("plain_text"), text: Type.String({ minLength: 1, maxLength: max }), emoji: Type.Optional(Type.Boolean()) },
    { additionalProperties: false },
  );
const markdown = (max: number) =>
  Type.Object(
    { type: Type.Literal("mrkdwn"), text: Type.String({ minLength: 1, maxLength: max }), verbatim: Type.Optional(Type.Boolean()) },
    { additionalProperties: false },
  );

const SlackMessage = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: 40_000 }),
    blocks: Type.Array(
      Type.Union([
        Type.Object({ type: Type.Literal("header"), text: plain(150) }, { additionalProperties: false }),
        Type.Object({ type: Type.Literal("section"), text: markdown(3_000) }, { additionalProperties: false }),
        Type.Object(
          { type: Type.Literal("section"), fields: Type.Array(markdown(2_000), { minItems: 1, maxItems: 10 }) },
          { additionalProperties: false },
        ),
        Type.Object(
          {
            type: Type.Literal("actions"),
            elements: Type.Array(
              Type.Object(
                { type: Type.Literal("button"), text: plain(75), url: Type.String({ maxLength: 3_000 }) },
                { additionalProperties: false },
              ),
              { minItems: 1 },
            ),
          },
          { additionalProperties: false },
        ),
      ]),
      { minItems: 1, maxItems: 50 },
    ),
  },
  { additionalProperties: false },
);

const TeamsMessage = Type.Object(
  {
    type: Type.Literal("message"),
    attachments: Type.Array(
      Type.Object({
        contentType: Type.Literal("application/vnd.microsoft.card.adaptive"),
        contentUrl: Type.Null(),
        content: Type.Object({
          type: Type.Literal("AdaptiveCard"),
          version: Type.String({ pattern: "^1\\.[0-5]$" }),
          body: Type.Array(
            Type.Union([
              Type.Object({ type: Type.Literal("TextBlock"), text: Type.String({ minLength: 1 }), wrap: Type.Boolean() }, open),
              Type.Object(
                {
                  type: Type.Literal("FactSet"),
                  facts: Type.Array(Type.Object({ title: Type.String(), value: Type.String() }), { minItems: 1 }),
                },
                open,
              ),
            ]),
            { minItems: 1 },
          ),
          actions: Type.Optional(
            Type.Array(Type.Object({ type: Type.Literal("Action.OpenUrl"), title: Type.String(), url: Type.String() })),
          ),
        }),
      }),
      { minItems: 1, maxItems: 1 },
    ),
  },
  { additionalProperties: false },
);

const key = { routing_key: Type.String({ minLength: 32, maxLength: 32 }), dedup_key: Type.String({ minLength: 1, maxLength: 255 }) };
const PagerDutyEvent = Type.Union([
  Type.Object(
    { ...key, event_action: Type.Union([Type.Literal("acknowledge"), Type.Literal("resolve")]) },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      ...key,
      event_action: Type.Literal("trigger"),
      client: Type.Optional(Type.String()),
      client_url: Type.Optional(Type.String()),
      links: Type.Optional(Type.Array(Type.Object({ href: Type.String(), text: Type.Optional(Type.String()) }))),
      payload: Type.Object(
        {
          summary: Type.String({ minLength: 1, maxLength: 1_024 }),
          source: Type.String({ minLength: 1 }),
          severity: Type.Union(["critical", "error", "warning", "info"].map((one) => Type.Literal(one))),
          timestamp: Type.Optional(Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$" })),
          component: Type.Optional(Type.String()),
          group: Type.Optional(Type.String()),
          class: Type.Optional(Type.String()),
          custom_details: Type.Optional(Type.Object({})),
        },
        { additionalProperties: false },
      ),
    },
    { additionalProperties: false },
  ),
]);

const isSlack = Compile(SlackMessage);
const isTeams = Compile(TeamsMessage);
const isPagerDuty = Compile(PagerDutyEvent);
/** What Teams takes. */
const TEAMS_MAX_BYTES = 28 * 1024;

export const SIGNING_KEY = `whsec_${Buffer.from("a key of thirty-two bytes, or so").toString("base64")}`;

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  readonly body: any;
}

export interface Reply {
  readonly status: number;
  readonly body?: string;
  /** So many, instead of a body. */
  readonly bytes?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `hang`: never answers. `reset`: closes the connection. */
export type Behaviour = Reply | "hang" | "reset";

export interface Receiver {
  readonly url: string;
  /** In the order of arrival, also what was refused. */
  readonly received: Received[];
  /** What is done instead of the usual, request by request; the last one stays when it is the only one. */
  instead(path: string, ...behaviours: readonly Behaviour[]): void;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const instead = new Map<string, Behaviour[]>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", () => {});
    request.on("end", () => {
      const raw = Buffer.concat(chunks).toString();
      const path = request.url ?? "/";
      const one: Received = { path, headers: request.headers, raw, body: parsed(raw) };
      received.push(one);
      const behaviour = instead.get(path)?.shift() ?? usual(one);
      if (behaviour === "hang") return;
      if (behaviour === "reset") return void request.socket.destroy();
      response.on("error", () => {});
      response
        .writeHead(behaviour.status, behaviour.headers)
        .end(behaviour.bytes === undefined ? behaviour.body : Buffer.alloc(behaviour.bytes, "x"));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // It listens.
    received,
    instead: (path, ...behaviours) => void instead.set(path, [...behaviours]),
  };
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return null;
  }
}

function usual({ path, raw, body, headers }: Received): Reply {
  if (headers["content-type"] !== "application/json") return { status: 415 };
  if (path.startsWith("/slack")) return isSlack.Check(body) ? { status: 200, body: "ok" } : { status: 400, body: "invalid_blocks" };
  if (path.startsWith("/teams"))
    return isTeams.Check(body) && Buffer.byteLength(raw) <= TEAMS_MAX_BYTES
      ? { status: 202 }
      : { status: 400, body: "Bad payload received by generic incoming webhook." };
  if (path.startsWith("/pagerduty"))
    return isPagerDuty.Check(body)
      ? {
          status: 202,
          body: JSON.stringify({ status: "success", message: "Event processed", dedup_key: (body as { dedup_key: string }).dedup_key }),
        }
      : { status: 400, body: JSON.stringify({ status: "invalid event", message: "Event object is invalid", errors: ["..."] }) };
  if (path.startsWith("/webhook")) return isSigned(headers, raw) ? { status: 204 } : { status: 401, body: "no signature" };
  return { status: 404, body: "no_service" };
}

function isSigned(headers: IncomingHttpHeaders, raw: string): boolean {
  const [id, timestamp, signature] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => String(headers[name]));
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > 300) return false;
  const mac = createHmac("sha256", Buffer.from(SIGNING_KEY.slice(6), "base64"))
    .update(`${id}.${timestamp}.${raw}`)
    .digest();
  const given = Buffer.from(signature?.replace(/^v1,/, "") ?? "", "base64");
  return given.length === mac.length && timingSafeEqual(given, mac);
}
