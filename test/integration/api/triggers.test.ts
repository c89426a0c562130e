/** Events and schedules through the API: who may send, what starts, and what is refused. */
import { createHmac, randomUUID } from "node:crypto";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { DeliveryView } from "../../../src/contract/delivery-view.ts";
import type { RunView } from "../../../src/contract/run-view.ts";
import type { ScheduleSlot, ScheduleView } from "../../../src/contract/schedule-view.ts";
import { createHook, revokeHook } from "../../../src/main/triggers/hooks.ts";
import { folderOfFile, json, type OpenApi, openApi } from "../../support/api-bench.ts";
import { deployText } from "../../support/deploy.ts";
import { eventually } from "../../support/eventually.ts";

let api: OpenApi;
const root = folderOfFile(() => api);
const state = join(root, "state");

const PUSH = `name: on-push
input: { ref: string }
on:
  event:
    - { name: push, when: "event.body.ref == 'refs/heads/main'", input: { ref: "{{ event.body.ref }}" } }
    - { name: push, when: "event.body.forced and event.headers['x-github-event'] == 'push'", input: { ref: forced } }
steps: [{ id: a, type: template, template: "{{ input.ref }}" }]
`;
const NIGHTLY = `name: nightly
input: { at: string }
on: { schedule: [{ cron: "0 6 * * *", timezone: Europe/Berlin, input: { at: "{{ schedule.at }}" } }, { cron: "@hourly", name: often, input: { at: x } }] }
steps: [{ id: a, type: template, template: "{{ input.at }}" }]
`;

beforeAll(async () => {
  api = await openApi(state);
  await deployText(api.project, PUSH);
  await deployText(api.project, PUSH.replace("name: on-push", "name: theirs"), "other");
  await deployText(api.project, NIGHTLY);
});

const MAIN = { ref: "refs/heads/main" };
async function send(body: unknown, headers: Readonly<Record<string, string>> = {}, name = "push", token = api.token("operator")) {
  const response = await api.call(token, "POST", `/api/v1/events/${name}`, json(body, headers));
  return {
    status: response.status,
    replayed: response.headers.get("idempotency-replayed"),
    body: (await response.json()) as DeliveryView & { code?: string },
  };
}
const runsOf = (tenant = "default"): number =>
  api.project.list({ workflow: tenant === "default" ? "on-push" : "theirs", limit: 500 }).length;

describe("an event that is sent with a key", () => {
  test("starts what listens to it with an input of it, and says of the others why not", async () => {
    const { status, body } = await send(MAIN, { "idempotency-key": randomUUID() });
    expect(status).toBe(202);
    expect(body.started).toMatchObject([{ workflow: "on-push", trigger: 1 }]);
    expect(body.unmatched).toMatchObject([
      { workflow: "on-push", trigger: 2, condition: { text: expect.stringContaining("event.body.forced") } },
    ]);
    const run = body.started[0]?.run ?? "";
    await eventually(async () => expect(api.project.view(run as never).state).toBe("succeeded"));
    const view = api.project.view(run as never);
    expect(view.input).toEqual({ ref: "refs/heads/main" });
    expect(api.project.snapshot(run as never).snapshot.start.context).toMatchObject({
      startedBy: "event:push",
      trigger: { kind: "event", event: "push", trigger: 1 },
    });
  });

  test("twice is one run, and the same answer (I-9)", async () => {
    const key = { "idempotency-key": "delivery-7" };
    const before = runsOf();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(MAIN, key)));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(runsOf()).toBe(before + 1);
    expect((await send(MAIN, key)).replayed).toBe("true");
    expect((await send({ ref: "refs/heads/other" }, key)).body).toMatchObject({ code: "EVENT_MISMATCH", status: 409 });
    expect(runsOf()).toBe(before + 1);
  });

  test("that nothing matches starts nothing, and the condition is told with its values", async () => {
    const before = runsOf();
    const { body } = await send({ ref: "refs/heads/dev", forced: false });
    expect(body.started).toEqual([]);
    expect(body.unmatched[0]).toMatchObject({
      because: "`event.body.ref == 'refs/heads/main'` is false.",
      condition: { value: false, children: [{ text: "event.body.ref", value: "refs/heads/dev" }] },
    });
    expect((await send({}, {}, "unheard-of")).body).toMatchObject({ event: "unheard-of", started: [], unmatched: [] });
    expect(runsOf()).toBe(before);
  });

  test("reaches the workflows of its own tenant only (S-35)", async () => {
    const { body } = await send(MAIN, {}, "push", api.token("operator", "other"));
    expect(body.started.map(({ workflow }) => workflow)).toEqual(["theirs"]);
  });

  test.each(["viewer", "approver"] as const)("needs the right to start runs: a %s has it not (S-27)", async (role) => {
    expect((await send(MAIN, {}, "push", api.token(role))).status).toBe(403);
  });

  test("brings no definition, command or prototype, whatever its body says (S-5, S-33)", async () => {
    const before = api.project.list({ limit: 500 }).length;
    const body = '{"ref":"x","__proto__":{"polluted":true}}';
    const response = await api.call(api.token("operator"), "POST", "/api/v1/events/push", {
      body,
      headers: { "content-type": "application/json" },
    });
    expect(response.status).toBe(400);
    expect((await send({ ref: "{{ 7*7 }}", definition: "steps: []", workflow: "on-push" })).body.started).toEqual([]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(api.project.list({ limit: 500 })).toHaveLength(before);
  });

  test("an input that does not fit fails for that trigger, and is told", async () => {
    await deployText(
      api.project,
      `name: strict\ninput: { count: integer }\non: { event: [{ name: counted, input: { count: "{{ event.body.count }}" } }] }\nsteps: [{ id: a, type: template, template: "{{ input.count }}" }]\n`,
    );
    expect((await send({ count: "many" }, {}, "counted")).body).toMatchObject({
      started: [],
      failed: [{ workflow: "strict", trigger: 1, code: "INPUT_INVALID" }],
    });
    expect((await send({}, {}, "counted")).body.failed).toMatchObject([{ code: expect.stringMatching(/^EXPR_/) }]);
  });
});

describe("a signed event (S-21)", () => {
  const sign = (secret: string, id: string, time: number, body: string): Record<string, string> => ({
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(time),
    "webhook-signature": `v1,${createHmac("sha256", Buffer.from(secret.slice(6), "base64"))
      .update(`${id}.${time}.${body}`)
      .digest("base64")}`,
  });
  const now = (): number => Math.floor(Date.now() / 1_000);
  const call = async (hook: string, body: string, headers: Record<string, string>, name = "push") => {
    const response = await fetch(`${api.url}/api/v1/events/${name}/${hook}`, { method: "POST", body, headers });
    return { status: response.status, body: (await response.json()) as DeliveryView & { code?: string } };
  };
  const BODY = JSON.stringify({ ...MAIN, by: "a sender" });

  test("starts runs of the tenant of its address, and the same delivery is the same answer", async () => {
    const { hook, secret } = createHook(state, { tenant: "other", event: "push", scheme: "standard" });
    const headers = sign(secret ?? "", "msg_1", now(), BODY);
    const first = await call(hook.id, BODY, headers);
    expect(first.status).toBe(202);
    expect(first.body.started.map(({ workflow }) => workflow)).toEqual(["theirs"]);
    const before = runsOf("other");
    expect(await call(hook.id, BODY, headers)).toEqual(first);
    expect(runsOf("other")).toBe(before);
  });

  test("missing, empty, wrong, old or for another address: 401, and no run", async () => {
    const { hook, secret: made } = createHook(state, { tenant: "default", event: "push", scheme: "standard" });
    const secret = made ?? "";
    const good = sign(secret, "msg_2", now(), BODY);
    const before = runsOf();
    const without = (name: string) => Object.fromEntries(Object.entries(good).filter(([one]) => one !== name));
    const bad: readonly (readonly [string, Record<string, string>, string?, string?])[] = [
      ["no signature", without("webhook-signature")],
      ["no id", without("webhook-id")],
      ["no time", without("webhook-timestamp")],
      ["an empty signature", { ...good, "webhook-signature": "" }],
      ["an empty version", { ...good, "webhook-signature": "v1," }],
      ["another version", { ...good, "webhook-signature": (good["webhook-signature"] ?? "").replace("v1,", "v1a,") }],
      ["another secret", sign(`whsec_${Buffer.alloc(32).toString("base64")}`, "msg_2", now(), BODY)],
      ["another body", sign(secret, "msg_2", now(), `${BODY} `)],
      ["another id", { ...good, "webhook-id": "msg_3" }],
      ["another time", { ...good, "webhook-timestamp": String(now() - 1) }],
      ["an old time", sign(secret, "msg_2", now() - 301, BODY)],
      ["a time to come", sign(secret, "msg_2", now() + 302, BODY)],
      ["an odd time", sign(secret, "msg_2", Number.NaN, BODY)],
      ["another event", good, hook.id, "pull_request"],
      ["another address", good, "hk_x"],
      [
        "the other scheme",
        {
          "content-type": "application/json",
          "x-github-delivery": "g",
          "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(BODY).digest("hex")}`,
        },
      ],
    ];
    for (const [what, headers, address = hook.id, name = "push"] of bad) {
      const { status, body } = await call(address, BODY, headers, name);
      expect([what, status, body.code]).toEqual([what, 401, "HOOK_SIGNATURE"]);
    }
    expect(runsOf()).toBe(before);
    expect((await call(hook.id, BODY, good)).status).toBe(202);
  });

  test("is closed while its secret is not there, and when the address is revoked", async () => {
    const { hook } = createHook(state, { tenant: "default", event: "push", scheme: "standard", secret: { env: "NOT_SET" } });
    expect((await call(hook.id, BODY, sign("whsec_", "msg_4", now(), BODY))).status).toBe(401);
    const other = createHook(state, { tenant: "default", event: "push", scheme: "standard" });
    const headers = sign(other.secret ?? "", "msg_5", now(), BODY);
    rmSync(join(state, "hook-secrets", other.hook.id));
    expect((await call(other.hook.id, BODY, headers)).status).toBe(401);
    const third = createHook(state, { tenant: "default", event: "push", scheme: "standard" });
    expect(revokeHook(state, third.hook.id)).toBe(true);
    expect((await call(third.hook.id, BODY, sign(third.secret ?? "", "msg_6", now(), BODY))).status).toBe(401);
  });

  test("of GitHub is known again by its body, since its id is not signed", async () => {
    const { hook, secret } = createHook(state, { tenant: "default", event: "push", scheme: "github" });
    const body = JSON.stringify({ ...MAIN, after: randomUUID() });
    const headers = (id: string, text = body) => ({
      "content-type": "application/json",
      "x-github-event": "push",
      "x-github-delivery": id,
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret ?? "")
        .update(text)
        .digest("hex")}`,
    });
    const before = runsOf();
    const first = await call(hook.id, body, headers("d-1"));
    expect([first.status, first.body.id]).toEqual([202, "d-1"]);
    expect(await call(hook.id, body, headers("d-1"))).toEqual(first);
    expect(await call(hook.id, body, headers("stolen"))).toEqual(first);
    expect(runsOf()).toBe(before + 1);
    for (const changed of ["sha256=", `sha256=${"0".repeat(64)}`, "sha1=00", headers("d-1", "x")["x-hub-signature-256"]])
      expect((await call(hook.id, body, { ...headers("d-9"), "x-hub-signature-256": changed })).status).toBe(401);
  });

  test("the size is judged before the signature, and the type exactly (S-18)", async () => {
    const { hook } = createHook(state, { tenant: "default", event: "push", scheme: "standard" });
    expect((await call(hook.id, "x".repeat(1024 * 1024 + 1), { "content-type": "application/json" })).status).toBe(413);
    expect((await call(hook.id, BODY, { "content-type": "text/plain" })).status).toBe(415);
  });

  test("a body that is no JSON, or reaches for a prototype, is refused after its signature was found genuine", async () => {
    const { hook, secret } = createHook(state, { tenant: "default", event: "push", scheme: "standard" });
    const bodies: readonly (readonly [string, number])[] = [
      ["{", 400],
      ['{"__proto__":{"x":1}}', 400],
      [`${"[".repeat(500)}${"]".repeat(500)}`, 422],
    ];
    for (const [index, [body, status]] of bodies.entries())
      expect((await call(hook.id, body, sign(secret ?? "", `odd_${index}`, now(), body))).status).toBe(status);
  });

  test("its secret is in a file for its owner alone, and neither in the list nor in the store (S-38)", () => {
    const { hook, secret } = createHook(state, { tenant: "default", event: "push", scheme: "standard" });
    expect(statSync(join(state, "hooks.json")).mode & 0o777).toBe(0o600);
    expect(statSync(join(state, "hook-secrets", hook.id)).mode & 0o777).toBe(0o600);
    const bare = (secret ?? "").slice(6);
    for (const file of ["hooks.json", "troupe.db", "troupe.db-wal"]) expect(readFileSync(join(state, file), "latin1")).not.toContain(bare);
  });
});

describe("schedules through the API", () => {
  const get = async <TBody>(path: string, token = api.token("viewer")): Promise<TBody> =>
    (await (await api.call(token, "GET", `/api/v1${path}`)).json()) as TBody;
  const act = async (path: string, body: unknown = {}, token = api.token("operator")) => {
    const response = await api.call(token, "POST", `/api/v1/schedules/${path}`, json(body));
    return { status: response.status, body: (await response.json()) as ScheduleView & RunView & { code?: string } };
  };

  test("are listed by id, with when each is due", async () => {
    const list = await get<ScheduleView[]>("/schedules");
    expect(list).toMatchObject([
      {
        id: "nightly/1",
        workflow: "nightly",
        cron: "0 6 * * *",
        timezone: "Europe/Berlin",
        overlap: "skip",
        catchup: "last",
        paused: false,
        lastSlot: null,
      },
      { id: "nightly/often", cron: "@hourly", timezone: "UTC" },
    ]);
    for (const { nextAt } of list) expect(nextAt).toBeGreaterThan(Date.now());
    expect((await get<ScheduleView[]>("/schedules?after=nightly%2F1&limit=1")).map(({ id }) => id)).toEqual(["nightly/often"]);
    expect(await get<ScheduleSlot[]>("/schedules/nightly%2F1/slots")).toEqual([]);
  });

  test("are stopped and go on, by whom and why", async () => {
    expect((await act("nightly%2F1/pause", { reason: "holidays" })).body).toMatchObject({
      paused: true,
      nextAt: null,
      stop: { by: "operator of default", reason: "holidays" },
    });
    expect((await get<ScheduleView[]>("/schedules"))[0]).toMatchObject({ paused: true });
    expect((await act("nightly%2F1/resume")).body).toMatchObject({ paused: false, stop: null });
    expect((await act("nightly%2F1/pause", {}, api.token("viewer"))).status).toBe(403);
  });

  test("start a run by hand, under the name of who asked", async () => {
    const { status, body } = await act("nightly%2F1/run");
    expect([status, body.workflow]).toEqual([202, "nightly"]);
    expect(api.project.snapshot(body.id as never).snapshot.start.context).toMatchObject({
      startedBy: "operator of default",
      trigger: { kind: "schedule", id: "nightly/1" },
    });
  });

  test("of another tenant are not there (S-31)", async () => {
    expect(await get("/schedules", api.token("viewer", "other"))).toEqual([]);
    for (const path of ["nightly%2F1/pause", "nightly%2F1/resume", "nightly%2F1/run", "nightly%2F9/run"])
      expect((await act(path, {}, api.token("operator", "other"))).body).toMatchObject({ code: "SCHEDULE_NOT_FOUND", status: 404 });
  });
});
