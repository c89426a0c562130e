/** The inspector behind the API: whoever looks on sees the runs of the own tenant, and no other (S-24, S-31). */
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { CLOSE, PROTOCOL, PROTOCOL_STATELY, type ServerMessage } from "../../../observability/inspector/message.ts";
import type { RunView } from "../../../src/contract/run-view.ts";
import { folderOfFile, json, type OpenApi, openApi } from "../../support/api-bench.ts";
import { connectSocket, type SocketClient } from "../../support/socket-client.ts";

let api: OpenApi;
const root = folderOfFile(() => api);
const workflow = (name: string): string => `name: ${name}\nsteps:\n  - { id: a, type: template, template: hello }\n`;
beforeAll(async () => {
  api = await openApi(join(root, "state"));
});

type Client = SocketClient<ServerMessage>;

async function start(name: string, tenant: string): Promise<string> {
  const response = await api.call(api.token("admin", tenant), "POST", "/api/v1/runs", json({ definition: workflow(name) }));
  return ((await response.json()) as RunView).id;
}

async function enter(secret: string, protocol = PROTOCOL): Promise<Client> {
  const origin = `http://127.0.0.1:${new URL(api.url).port}`;
  const client = (await connectSocket<ServerMessage>(`${api.url}/api/v1/inspect`, { origin, protocol })) as Client;
  client.say({ kind: "hello", secret });
  return client;
}

async function ticketOf(token: string): Promise<string> {
  const response = await api.call(token, "POST", "/api/v1/session/stream-ticket");
  return ((await response.json()) as { ticket: string }).ticket;
}

test("a client is shown its tenant's runs as they move, and may ask about no other (S-31)", async () => {
  const [own, foreign] = [await start("ours", "default"), await start("theirs", "other")];
  const client = await enter(await ticketOf(api.token("viewer")));
  const welcome = await client.first(({ kind }) => kind === "welcome");
  expect(welcome).toMatchObject({ runs: [{ id: own, workflow: "ours" }] });
  for (const runId of [foreign, own]) {
    client.say({ kind: "payload", runId, seq: 1 });
    client.say({ kind: "open", runId });
  }
  await client.first((message) => message.kind === "run" && message.run.line.id === own);
  await client.first((message) => message.kind === "entries" && message.entries.some(({ to }) => to === "succeeded"));
  const [later, foreigner] = [await start("ours", "default"), await start("theirs", "other")];
  await client.first((message) => message.kind === "line" && message.line.id === later && message.line.endedAt !== null);
  const heard = JSON.stringify(client.heard);
  expect([heard.includes(foreign), heard.includes(foreigner), heard.includes("theirs")]).toEqual([false, false, false]);
});

test("a tool that reads Stately's events is told of no other tenant either (S-31)", async () => {
  const client = await enter(api.token("viewer"), PROTOCOL_STATELY);
  const messages = client.heard as unknown as readonly unknown[];
  await client.first(() => messages.length > 0);
  const foreign = await start("theirs", "other");
  const own = await start("ours", "default");
  await client.first(() => JSON.stringify(messages).includes(own) && JSON.stringify(messages).includes("succeeded"));
  expect(JSON.stringify(messages)).not.toContain(foreign);
});

test("what was given to come back with is worth something once, and a ticket is no ticket twice (S-28)", async () => {
  const ticket = await ticketOf(api.token("viewer"));
  const first = await enter(ticket);
  const welcome = await first.first(({ kind }) => kind === "welcome");
  expect((await (await enter(ticket)).closed)[0]).toBe(CLOSE.refused);
  const { token } = welcome as Extract<ServerMessage, { kind: "welcome" }>;
  await (await enter(token)).first(({ kind }) => kind === "welcome");
  expect((await (await enter(token)).closed)[0]).toBe(CLOSE.refused);
});
