import { once } from "node:events";
import { request } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { type ClientOptions, WebSocket } from "ws";
import { openProject } from "../src/main/project.ts";
import { useEngines, workflowOf } from "../test/support/engine-bench.ts";
import { eventually } from "../test/support/eventually.ts";
import { CLOSE, PROTOCOL, PROTOCOL_STATELY, type ServerMessage } from "./inspector/message.ts";
import { openInspector } from "./inspector.ts";

const bench = useEngines();
const TWO = workflowOf(
  "- id: first",
  "  type: function",
  "  call: hold",
  "- id: second",
  "  type: function",
  "  needs: [first]",
  "  call: hold",
);
const opened: { readonly stack: AsyncDisposableStack; readonly sockets: WebSocket[] }[] = [];

afterEach(async () => {
  for (const { stack, sockets } of opened.splice(0)) {
    for (const socket of sockets) socket.terminate();
    await stack.disposeAsync();
  }
});

/** An inspector beside an empty store, and clients that collect what they hear. */
async function openIdle() {
  const { state, write } = bench.place();
  const gate = Promise.withResolvers<unknown>();
  const stack = new AsyncDisposableStack();
  const sockets: WebSocket[] = [];
  opened.push({ stack, sockets });
  const project = stack.use(await openProject({ state, functions: { hold: () => gate.promise } }));
  const inspector = stack.use(await openInspector({ store: project.store, warn: expect.unreachable }));
  const { port } = new URL(inspector.link());
  const newTicket = (): string => new URLSearchParams(new URL(inspector.link()).hash.slice(1)).get("ticket") ?? "";
  const connect = (protocol: string, options: ClientOptions = {}) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/inspect`, protocol, { origin: `http://127.0.0.1:${port}`, ...options });
    const messages: unknown[] = [];
    socket.on("message", (data) => messages.push(JSON.parse(String(data))));
    socket.on("error", () => {});
    sockets.push(socket);
    const refusal = new Promise<number>((resolve) => socket.on("unexpected-response", (_, response) => resolve(response.statusCode ?? 0)));
    const closed = new Promise<readonly [number, string]>((resolve) =>
      socket.on("close", (code, reason) => resolve([code, String(reason)])),
    );
    return { socket, messages, refusal, closed, say: (message: unknown) => socket.send(JSON.stringify(message)) };
  };
  const enter = async (secret: string, protocol = PROTOCOL) => {
    const client = connect(protocol);
    await once(client.socket, "open");
    client.say({ kind: "hello", secret });
    const heard = client.messages as ServerMessage[]; // From the server under test.
    const first = <TKind extends ServerMessage["kind"]>(kind: TKind) =>
      eventually(() => {
        const found = heard.find((message) => message.kind === kind);
        if (found === undefined) throw new Error(`no ${kind} yet`);
        return found as Extract<ServerMessage, { kind: TKind }>; // Looked for by its kind.
      });
    return { ...client, heard, first };
  };
  return { write, gate, stack, project, inspector, port, newTicket, ticket: newTicket(), connect, enter };
}

/** The same beside a run that waits in its first step until it is let go. */
async function openBusy() {
  const idle = await openIdle();
  const { project, stack, gate, write } = idle;
  const driver = stack.use(await project.drive({}));
  stack.defer(() => gate.resolve(null)); // No engine ends while an attempt runs in this process.
  const runId = await driver.start(project.load(write(TWO)));
  return { ...idle, driver, runId };
}

describe("who may look", () => {
  test("a link opens the page once, and its token opens it again (IA1, S-28)", async () => {
    const { ticket, enter } = await openIdle();
    const { first } = await enter(ticket);
    const { token } = await first("welcome");
    expect(await (await enter(ticket)).closed).toEqual([CLOSE.refused, expect.stringContaining("has been used")]);
    expect((await (await enter(token)).first("welcome")).token).toBe(token);
  });

  test("nobody without a secret hears anything (S-22)", async () => {
    const { enter, connect } = await openIdle();
    for (const secret of ["", "guess", "undefined"]) expect(await (await enter(secret)).closed).toEqual([CLOSE.refused, expect.anything()]);
    const silent = connect(PROTOCOL);
    await once(silent.socket, "open");
    silent.say({ kind: "link", runId: "" });
    expect([(await silent.closed)[0], silent.messages]).toEqual([CLOSE.refused, []]);
  });

  test("a page from elsewhere is refused, with whatever secret (IA3, S-24)", async () => {
    const { connect, port, ticket } = await openIdle();
    for (const origin of ["https://evil.test", "null", `http://127.0.0.1:${port}.evil.test`, `http://localhost:${port}`])
      expect(await connect(PROTOCOL, { origin, headers: { authorization: `Bearer ${ticket}` } }).refusal).toBe(403);
  });

  test("a name that merely leads here is refused (IA2, S-23)", async () => {
    const { connect, port } = await openIdle();
    const host = `evil.test:${port}`;
    expect(await connect(PROTOCOL, { origin: `http://${host}`, headers: { host } }).refusal).toBe(403);
    expect(await get(port, "/", { host })).toMatchObject({ status: 421, body: "" });
  });

  test("a client that is no browser shows its secret before it is connected (IA3, S-24)", async () => {
    const { ticket, port, connect } = await openIdle();
    const withBearer = (secret: string) =>
      new WebSocket(`ws://127.0.0.1:${port}/inspect`, PROTOCOL, { headers: { authorization: `Bearer ${secret}` } });
    const guest = withBearer("guess");
    const [, response] = await once(guest, "unexpected-response");
    expect(response.statusCode).toBe(401);
    expect(await connect(PROTOCOL, { origin: "" }).refusal).toBe(401);
    const known = withBearer(ticket);
    const [message] = await once(known, "message");
    expect(JSON.parse(String(message))).toMatchObject({ kind: "welcome" });
    known.terminate();
  });

  test("a message that is none, or too long a one, ends the connection and nothing else (S-29)", async () => {
    const { enter, ticket, newTicket } = await openIdle();
    const wrong = await enter(ticket);
    await wrong.first("welcome");
    wrong.socket.send("not json");
    expect((await wrong.closed)[0]).toBe(CLOSE.badMessage);
    const long = await enter(newTicket());
    await long.first("welcome");
    long.socket.send("x".repeat(5_000));
    expect((await long.closed)[0]).toBe(1009);
    await (await enter(newTicket())).first("welcome");
  });
});

test("a port that is taken is a problem of whoever asked for it", async () => {
  const { port, project } = await openIdle();
  const second = openInspector({ store: project.store, port: Number(port), warn: expect.unreachable });
  await expect(second).rejects.toMatchObject({
    code: "INSPECTOR_PORT_UNUSABLE",
    message: expect.stringContaining("another program uses it"),
  });
});

describe("the page", () => {
  test("is three files that come from here, run nothing inline and hold no data", async () => {
    const { port, ticket } = await openIdle();
    const files = await Promise.all(["/", "/inspector.js", "/inspector.css"].map((path) => get(port, path)));
    for (const { status, headers, body } of files) {
      expect(status).toBe(200);
      expect(headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(headers["content-security-policy"]).not.toContain("unsafe");
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(body).not.toContain(ticket);
    }
    const page = files[0]?.body ?? "";
    expect(page).not.toMatch(/<script(?![^>]* src="\/inspector\.js")|<style|\son\w+=|style=|https?:\/\/(?!www\.w3\.org\/)/);
  });

  test("has no other file, however its path is written (S-15, S-27)", async () => {
    const { port } = await openIdle();
    for (const path of ["/inspect", "/../package.json", "/%2e%2e/package.json", "//", "/inspector.js/", "/inspector.js?x", "/INSPECTOR.JS"])
      expect((await get(port, path)).status).toBe(404);
  });

  test("is only read", async () => {
    const { port } = await openIdle();
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) expect((await get(port, "/", {}, method)).status).toBe(405);
    expect(await get(port, "/", {}, "HEAD")).toMatchObject({ status: 200, body: "" });
  });
});

describe("what is seen", () => {
  test("is the run and its steps as they are, and then every transition as it is committed", async () => {
    const { ticket, enter, runId, gate, driver } = await openBusy();
    const { first, say, heard } = await enter(ticket);
    const { runs, charts } = await first("welcome");
    expect(runs).toMatchObject([{ id: runId, workflow: "test" }]);
    expect([charts.run.id, charts.step.id]).toEqual(["run-v1", "step-v1"]);
    say({ kind: "open", runId });
    const { run } = await first("run");
    expect(run.present.states).toEqual({ run: "running.executing", first: "running.executing" });
    expect(run.steps.map(({ id }) => id)).toEqual(["first", "second"]);
    gate.resolve({ big: "x".repeat(3_000) });
    await driver.rest(runId);
    const entries = await eventually(() => {
      const all = heard.flatMap((message) => (message.kind === "entries" ? message.entries : []));
      expect(all.at(-1)).toMatchObject({ actor: "run", to: "succeeded" });
      return all;
    });
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
    const end = entries.find(({ actor, on }) => actor === "first" && on === "attempt.succeeded");
    expect(end).toMatchObject({ from: "running.executing", to: "succeeded", type: "step.succeeded" });
    say({ kind: "payload", runId, seq: end?.seq });
    const { text } = await first("payload");
    expect(text).toContain("… (1000 more)");
    expect(heard.some((message) => message.kind === "line" && message.line.state === "succeeded")).toBe(true);
  });

  test("is nothing of this process's environment", async () => {
    process.env.TROUPE_CANARY = "canary-7c1d";
    const { ticket, enter, runId, gate, driver } = await openBusy();
    const { first, say, heard } = await enter(ticket);
    await first("welcome");
    say({ kind: "open", runId });
    gate.resolve("done");
    await driver.rest(runId);
    await eventually(() => expect(JSON.stringify(heard)).toContain('"to":"succeeded"'));
    for (let seq = 1; seq < 20; seq++) say({ kind: "payload", runId, seq });
    await eventually(() => expect(heard.filter(({ kind }) => kind === "payload").length).toBeGreaterThan(5));
    expect(JSON.stringify(heard)).not.toContain("canary-7c1d");
    delete process.env.TROUPE_CANARY;
  });

  test("by Stately's tools are actors with their machines and parents, events and snapshots", async () => {
    const { ticket, enter, runId, gate, driver } = await openBusy();
    const { messages } = await enter(ticket, PROTOCOL_STATELY);
    await eventually(() => expect(messages).toHaveLength(3));
    const step = `${runId}/first`;
    expect(messages[0]).toMatchObject({
      type: "@xstate.actor",
      sessionId: runId,
      name: "run-v1",
      snapshot: { value: { running: "executing" } },
    });
    expect(messages[1]).toMatchObject({ type: "@xstate.actor", sessionId: step, parentId: runId, rootId: runId, name: "step-v1" });
    expect(JSON.parse((messages[1] as { definition: string }).definition)).toMatchObject({ id: "step-v1", initial: "pending" });
    gate.resolve("x".repeat(3_000));
    await driver.rest(runId);
    const end = (sessionId: string) => (message: unknown) => {
      const { type, snapshot } = message as { readonly type: string; readonly snapshot: { readonly status: string } };
      return (message as { sessionId: string }).sessionId === sessionId && type === "@xstate.snapshot" && snapshot.status === "done";
    };
    await eventually(() => expect(messages.some(end(runId))).toBe(true));
    expect(messages.find(end(step))).toMatchObject({
      rootId: runId,
      snapshot: { value: "succeeded" },
      event: { type: "attempt.succeeded" },
    });
    expect(messages).toContainEqual(expect.objectContaining({ type: "@xstate.event", sessionId: step, sourceId: runId, rootId: runId }));
    expect(JSON.stringify(messages)).not.toContain("x".repeat(2_001));
  });

  test("at the end is the end: the last entries and a word of farewell", async () => {
    const { ticket, enter, runId, inspector, gate, driver } = await openBusy();
    const { first, say, heard, closed } = await enter(ticket);
    await first("welcome");
    say({ kind: "open", runId });
    await first("run");
    gate.resolve(1);
    await driver.rest(runId);
    await inspector[Symbol.asyncDispose]();
    expect(await closed).toEqual([CLOSE.ended, "The process that ran this has ended."]);
    expect(heard.flatMap((message) => (message.kind === "entries" ? message.entries : [])).at(-1)).toMatchObject({ to: "succeeded" });
  });
});

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** `fetch` sets Host and cleans paths; this does neither. */
function get(port: string, path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (part) => (body += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.on("error", reject).end();
  });
}
