import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTroupe } from "../../../src/main/create-troupe.ts";
import { useEngines } from "../../support/engine-bench.ts";
import { eventually } from "../../support/eventually.ts";

const engines = useEngines();
/** What the service was told, and when it answers. */
const told: { token: string; key: string }[] = [];
let answering: Promise<void> = Promise.resolve();
const server = createServer((incoming, answer) => {
  const url = String(incoming.headers["troupe-callback-url"]);
  told.push({ token: url.replace(/^.*\/callbacks\//, ""), key: String(incoming.headers["idempotency-key"]) });
  incoming.resume();
  const status = incoming.url === "/flaky" && told.length === 1 ? 503 : 202;
  void answering.then(() => answer.writeHead(status, { "content-type": "application/json" }).end('{"queued":true}'));
});
let origin = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // It listens on a port.
  process.env.TROUPE_CALLBACK_BASE = "https://troupe.test/base/";
});
afterAll(() => {
  delete process.env.TROUPE_CALLBACK_BASE;
  server.close();
});

const workflow = (path = "/", more = "") =>
  `
name: calls
steps:
  - id: order
    type: webhook
    url: ${origin}${path}
    network: private
    json: { item: 7 }
    retry: { max: 2, base: 1ms }
    callback: { expires: 1h${more} }
output: "{{ steps.order.output }}"
`
    .replace("output: ", "output: { order: ")
    .replace(/"\n$/, '" }\n');

async function waiting(path?: string, more?: string) {
  told.length = 0;
  const opened = await engines.open();
  const run = await opened.troupe.run(opened.write(workflow(path, more)), { workspace: opened.workspace });
  await eventually(() => expect(run.view().steps[0]?.detail).toBe("running.parked"), 10_000);
  return { ...opened, run, token: told.at(-1)?.token ?? "" };
}

describe("a callback", () => {
  test("gives the step both answers, survives a restart, and is taken once", async () => {
    const { troupe, state, run, token } = await waiting();
    await troupe.stop();
    await using next = await createTroupe({ state });
    expect(await next.answerCallback(token, { state: "done" })).toEqual({ run: run.id, step: "order" });
    const view = await next.get(run.id).result();
    expect(view.output).toMatchObject({ order: { status: 202, json: { queued: true }, callback: { state: "done" } } });
    expect(await next.answerCallback(token, { state: "done" })).toEqual({ run: run.id, step: "order" });
    await expect(next.answerCallback(token, { state: "other" })).rejects.toMatchObject({ code: "STEP_NOT_WAITING" });
  });

  test("has one address for all attempts, which nobody can make who reads the state's journal", async () => {
    const { state, token, run } = await waiting("/flaky");
    expect(new Set(told.map(({ token: one }) => one))).toEqual(new Set([token]));
    expect(new Set(told.map(({ key }) => key)).size).toBe(1);
    expect(told).toHaveLength(2);
    const mac = token.split(".")[2] ?? "";
    const files = readdirSync(state, { recursive: true, encoding: "utf8" }).map((name) => join(state, name));
    expect(files.filter((path) => statSync(path).isFile() && readFileSync(path).includes(mac))).toEqual([]);
    expect(statSync(join(state, "callback.key")).mode & 0o777).toBe(0o600);
    await run.cancel();
  });

  test("that is not exactly the one given out is unknown", async () => {
    const { troupe, token, run } = await waiting();
    const [id = "", step = "", mac = ""] = token.split(".");
    const flipped = mac.startsWith("A") ? `B${mac.slice(1)}` : `A${mac.slice(1)}`;
    const other = Buffer.from("other").toString("base64url");
    const wrong = [
      "",
      "x",
      `${id}.${step}`,
      `${id}.${step}.`,
      `${id}.${step}.${flipped}`,
      `${id}.${other}.${mac}`,
      `${token}x`,
      ` ${token}`,
      `${id}0.${step}.${mac}`,
    ];
    for (const one of wrong) await expect(troupe.answerCallback(one, {})).rejects.toMatchObject({ code: "CALLBACK_UNKNOWN" });
    const elsewhere = await engines.open();
    await expect(elsewhere.troupe.answerCallback(token, {})).rejects.toMatchObject({ code: "CALLBACK_UNKNOWN" });
    await run.cancel();
    await expect(troupe.answerCallback(token, {})).rejects.toMatchObject({ code: "STEP_NOT_WAITING" });
  });

  test("whose data does not fit is refused, and may come again", async () => {
    const { troupe, token, run } = await waiting(
      "/",
      ", schema: { type: object, required: [state], properties: { state: { enum: [done] } } }",
    );
    await expect(troupe.answerCallback(token, { state: "odd" })).rejects.toMatchObject({ code: "CALLBACK_DATA" });
    await expect(troupe.answerCallback(token, "x".repeat(300_000))).rejects.toMatchObject({ code: "VALUE_NOT_JSON" });
    await troupe.answerCallback(token, { state: "done" });
    expect((await run.result()).state).toBe("succeeded");
  });

  test("that comes before the answer waits for it", async () => {
    told.length = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    answering = promise;
    const { troupe, write, workspace } = await engines.open();
    const run = await troupe.run(write(workflow()), { workspace });
    await eventually(() => expect(told).toHaveLength(1), 10_000);
    const early = troupe.answerCallback(told[0]?.token ?? "", { state: "done" });
    resolve();
    await early;
    answering = Promise.resolve();
    expect((await run.result()).output).toMatchObject({ order: { callback: { state: "done" } } });
  });
});

test("without an address of its own an engine says what to set, and calls nobody", async () => {
  told.length = 0;
  delete process.env.TROUPE_CALLBACK_BASE;
  const { troupe, write, workspace } = await engines.open();
  process.env.TROUPE_CALLBACK_BASE = "https://troupe.test/base/";
  const run = await troupe.run(write(workflow()), { workspace });
  expect(await run.result()).toMatchObject({ state: "failed", steps: [{ error: { code: "CALLBACK_BASE" } }] });
  expect(told).toEqual([]);
});
