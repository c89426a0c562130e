/** F-40: clients that never read cost the others nothing, and are cut off with a word. */
import { once } from "node:events";
import { readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { RunView } from "../../../src/contract/run-view.ts";
import { STREAM_CLOSE } from "../../../src/contract/stream-message.ts";
import { folderOfFile, json, type OpenApi, openApi } from "../../support/api-bench.ts";
import { eventually } from "../../support/eventually.ts";

let api: OpenApi;
const root = folderOfFile(() => api);
beforeAll(async () => {
  api = await openApi(join(root, "state"), { patienceMs: 500 });
});

/** Its journal is larger than a page of events and what two kernels buffer for a connection, however it is cut into pages. */
const ITEMS = 700;
const loud = (go: string): string => `name: loud
steps:
  - { id: held, run: "until [ -e ${go} ]; do sleep 0.02; done" }
  - id: many
    needs: held
    for_each: "{{ input.items }}"
    type: template
    template: "{{ input.text }}"
`;
/** As large as a value may be in the journal itself. */
const input = { items: Array.from({ length: ITEMS }, (_, index) => index), text: "x".repeat(30_000) };

async function startLoud(name: string): Promise<{ readonly run: string; readonly go: string }> {
  const go = join(root, name);
  const response = await api.call(api.token("admin"), "POST", "/api/v1/runs", json({ definition: loud(go), input }));
  const body = (await response.json()) as RunView;
  expect(JSON.stringify(body)).toContain('"id":');
  return { run: body.id, go };
}

function openEvents(run: string): Promise<IncomingMessage> {
  const headers = { accept: "text/event-stream", authorization: `Bearer ${api.token("viewer")}` };
  return new Promise((resolve, reject) => {
    get(`${api.url}/api/v1/runs/${run}/events`, { headers, agent: false }, resolve).on("error", reject);
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = "";
  try {
    for await (const chunk of response.setEncoding("utf8")) text += chunk;
  } catch {
    // It was cut off.
  }
  return text;
}

/** Of this process, in which both the server and its clients are. */
function openSockets(): number {
  return readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith("socket:");
    } catch {
      return false; // That of the listing itself.
    }
  }).length;
}

test("half of the clients never read: the others are told everything, in order, and at the end no socket is left", async () => {
  const { run, go } = await startLoud("go-sse");
  const before = openSockets();
  const responses = await Promise.all(Array.from({ length: 40 }, () => openEvents(run)));
  const reading = responses.filter((_, index) => index % 2 === 0).map(readAll);
  const deaf = responses.filter((_, index) => index % 2 === 1);
  await eventually(() => expect(api.streams().sse).toBe(40));
  writeFileSync(go, "");
  const texts = await Promise.all(reading);
  const last = texts[0]?.match(/^id: \d+$/gm)?.length ?? 0;
  const whole = Array.from({ length: last }, (_, index) => `id: ${index + 1}`);
  expect(last).toBeGreaterThan(ITEMS);
  for (const text of texts) expect(text.match(/^id: \d+$/gm)).toEqual(whole);
  // Nobody reads for them, so the server ends them.
  await eventually(() => expect(api.streams().sse).toBe(0), 10_000);
  for (const response of deaf) response.destroy();
  await eventually(() => expect(openSockets()).toBeLessThanOrEqual(before), 10_000);
});

test("a client that is cut off is told so as soon as it reads, and goes on where it was", async () => {
  const { run, go } = await startLoud("go-told");
  const response = await openEvents(run);
  writeFileSync(go, "");
  await eventually(() => expect(api.streams().sse).toBe(1));
  await eventually(() => expect(api.streams().sse).toBe(0), 15_000);
  const text = await readAll(response);
  const seen = text.match(/^id: \d+$/gm)?.length ?? 0;
  expect(text).toMatch(/^: cut off/m);
  const headers = { accept: "text/event-stream", "last-event-id": String(seen) };
  const rest = await (await api.call(api.token("viewer"), "GET", `/api/v1/runs/${run}/events`, { headers })).text();
  expect(rest.match(/^id: \d+$/m)?.[0]).toBe(`id: ${seen + 1}`);
  expect(rest).toContain("event: run.succeeded\n");
});

test("a WebSocket that is not read is closed with a reason, and the others go on", async () => {
  const { run, go } = await startLoud("go-ws");
  const open = async (): Promise<WebSocket> => {
    const socket = new WebSocket(`${api.url.replace("http", "ws")}/api/v1/stream`, {
      headers: { authorization: `Bearer ${api.token("viewer")}` },
    });
    await once(socket, "message");
    socket.send(JSON.stringify({ type: "subscribe", run }));
    return socket;
  };
  const [deaf, reader] = [await open(), await open()];
  const types: string[] = [];
  reader.on("message", (data) => types.push((JSON.parse(String(data)) as { type: string }).type));
  const closed = once(deaf, "close");
  deaf.pause();
  writeFileSync(go, "");
  await eventually(() => expect(types.at(-1)).toBe("rest"), 15_000);
  expect(types.filter((type) => type === "event").length).toBeGreaterThan(ITEMS);
  await eventually(() => expect(api.streams().websocket).toBe(1), 10_000);
  deaf.resume();
  expect((await closed)[0]).toBeOneOf([STREAM_CLOSE.tooSlow, 1006]);
  reader.terminate();
});
