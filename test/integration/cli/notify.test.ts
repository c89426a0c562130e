import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand, startCommand } from "../../support/command.ts";
import { useEngines } from "../../support/engine-bench.ts";
import { eventually } from "../../support/eventually.ts";
import { FAILING } from "../../support/notify-bench.ts";
import { type Receiver, SIGNING_KEY, startReceiver } from "../../support/notify-receiver.ts";

const bench = useEngines();
/** Looked for in everything that is left behind. */
const CANARY = "T0CANARY0/B0CANARY0/c4n4ryc4n4ryc4n4ry";

const SLACK = `notify:
  - name: oncall
    on: [run.failed]
    to: { slack: { url: { env: TROUPE_NOTIFY_SLACK } } }
`;

function project(config: string, receiver: Pick<Receiver, "url">) {
  const place = bench.place();
  const { workspace, state, write } = place;
  writeFileSync(join(workspace, "troupe.config.yaml"), config);
  const env = { TROUPE_NOTIFY_NETWORK: "private", TROUPE_NOTIFY_SLACK: `${receiver.url}/slack/${CANARY}`, TROUPE_NOTIFY_KEY: SIGNING_KEY };
  const troupe = (words: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    runCommand([...words, ...(words[0] === "notify" && words[1] === "test" ? [] : ["--state", state])], {
      cwd: workspace,
      env: { ...env, ...more },
    });
  return { ...place, troupe, file: write(FAILING) };
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true })
    .map((name) => join(directory, String(name)))
    .filter((file) => statSync(file).isFile());
}

describe("troupe run", () => {
  test("tells who is to be told before it ends, and leaves the rest to the next engine", async () => {
    const receiver = await startReceiver();
    const { troupe, file } = project(SLACK, receiver);
    expect((await troupe(["run", file])).code).toBe(1);
    expect(receiver.received).toHaveLength(1);
    // This time nobody takes it.
    receiver.instead(`/slack/${CANARY}`, ...Array.from({ length: 9 }, () => ({ status: 503 })));
    expect((await troupe(["run", file])).code).toBe(1);
    const pending = JSON.parse((await troupe(["notify", "log", "-o", "json"])).stdout) as { state: string; attempts: number }[];
    expect(pending.map(({ state }) => state)).toEqual(["pending", "sent"]);
    receiver.instead(`/slack/${CANARY}`);
    await eventually(async () => {
      await troupe(["run", file, "--key", "again"]);
      const log = JSON.parse((await troupe(["notify", "log", "-o", "json"])).stdout) as { state: string }[];
      expect(log.every(({ state }) => state === "sent")).toBe(true);
    }, 40_000);
  });

  test("leaves no secret behind: not in the state directory, nor in what it prints (S-38)", async () => {
    const receiver = await startReceiver();
    const { troupe, file, state } = project(SLACK, receiver);
    const answers = [
      { status: 404, body: `no_service for /slack/${CANARY}` },
      { status: 500, body: `${receiver.url}/slack/${CANARY}` },
    ];
    receiver.instead(`/slack/${CANARY}`, ...answers);
    const outputs = [];
    for (const words of [
      ["run", file],
      ["run", file],
      ["notify", "log"],
      ["notify", "ls"],
      ["notify", "test", "oncall"],
      ["notify", "log", "-o", "json"],
      ["doctor"],
    ])
      outputs.push(await troupe(words));
    outputs.push(await troupe(["notify", "test", "oncall"], { TROUPE_NOTIFY_SLACK: `http://127.0.0.1:1/${CANARY}` }));
    const said = outputs.map(({ stdout, stderr }) => stdout + stderr).join("\n");
    expect(said).toContain("It answered 404: no_service for ***");
    expect(said).not.toContain("CANARY");
    const files = filesBelow(state);
    expect(files.length).toBeGreaterThan(3);
    expect(files.filter((one) => readFileSync(one).includes("CANARY"))).toEqual([]);
  });

  test("with a rule that is wrong does not begin, and says where it is", async () => {
    const { troupe, file } = project(SLACK.replace("run.failed", "run.faild"), { url: "http://127.0.0.1:1" });
    const { code, stderr } = await troupe(["run", file]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("troupe.config.yaml:3:10")]);
    expect(stderr).toContain("Did you mean `run.failed`?");
    // Looking at runs needs no rules.
    expect((await troupe(["list"])).stderr).not.toContain("faild");
  });

  test("does not repeat a secret that stands in the configuration", async () => {
    const { troupe, file } = project(SLACK.replace("{ env: TROUPE_NOTIFY_SLACK }", `https://hooks.slack.com/services/${CANARY}`), {
      url: "http://127.0.0.1:1",
    });
    const { code, stdout, stderr } = await troupe(["run", file]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("It is a secret, and is named instead")]);
    expect(stdout + stderr).not.toContain("CANARY");
  });

  test("is not led into a private network by a project (S-46)", async () => {
    const { troupe, file } = project(`notify_network: private\n${SLACK}`, { url: "http://127.0.0.1:1" });
    const { code, stderr } = await troupe(["run", file], { TROUPE_NOTIFY_NETWORK: "" });
    expect([code, stderr]).toEqual([2, expect.stringContaining("not for a project to widen")]);
  });
});

describe("troupe serve", () => {
  test("tells, shows by its API what it told, and ends in time beside a channel that is dead (F-45)", async () => {
    const receiver = await startReceiver();
    const { workspace, state } = project(SLACK, receiver);
    const env = { TROUPE_NOTIFY_NETWORK: "private", TROUPE_NOTIFY_SLACK: `${receiver.url}/slack/${CANARY}` };
    const words = ["serve", "--port", "0", "--state", state, "-o", "json", "--public-url", "https://troupe.example.org/"];
    const serving = startCommand(words, { cwd: workspace, env });
    await serving.shows('"token"');
    const { url, token } = JSON.parse(serving.said()) as { url: string; token: string };
    const call = (path: string, more: RequestInit = {}) =>
      fetch(`${url}/api/v1${path}`, { ...more, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" } });
    const start = () => call("/runs", { method: "POST", body: JSON.stringify({ definition: FAILING }) });
    const { id } = (await (await start()).json()) as { id: string };
    await eventually(() => expect(receiver.received).toHaveLength(1));
    expect(receiver.received[0]?.raw).toContain(`https://troupe.example.org/runs/${id}`);
    await eventually(async () => {
      const told = await (await call("/notifications")).text();
      expect(JSON.parse(told)).toMatchObject({ rules: [{ name: "oncall", channel: "slack" }], deliveries: [{ run: id, state: "sent" }] });
      expect(told).not.toContain("CANARY");
    });
    receiver.instead(`/slack/${CANARY}`, "hang", "hang");
    await start();
    await eventually(() => expect(receiver.received).toHaveLength(2));
    const ending = performance.now();
    serving.child.kill("SIGTERM");
    expect((await serving.ended).code).toBe(143);
    expect(performance.now() - ending).toBeLessThan(5_000);
  });
});

describe("troupe notify", () => {
  test("lists rules, tests one, and tries again what failed", async () => {
    const receiver = await startReceiver();
    const { troupe, file, workspace } = project(SLACK, receiver);
    expect((await troupe(["notify", "test", "oncal"])).stderr).toContain("Did you mean `oncall`?");
    const tested = await troupe(["notify", "test", "oncall", "-o", "json"]);
    expect([tested.code, JSON.parse(tested.stdout)]).toEqual([0, { rule: "oncall", channel: "slack", sent: true, problem: null }]);
    receiver.instead(`/slack/${CANARY}`, { status: 410, body: "channel_is_archived" });
    await troupe(["run", file, "--metrics-file", join(workspace, "metrics")]);
    const metrics = readFileSync(join(workspace, "metrics"), "utf8");
    expect(metrics).toContain('troupe_notifications_total{channel="slack",outcome="failed"} 1');
    const [listed] = JSON.parse((await troupe(["notify", "ls", "-o", "json"])).stdout).rules;
    expect(listed).toMatchObject({ name: "oncall", channel: "slack", failed: 1, pending: 0, breaker: "closed" });
    expect((await troupe(["notify", "log"])).stdout).toMatch(
      /oncall\s+failed.*test failed at step build \(It answered 410: channel_is_archived\)/,
    );
    expect((await troupe(["notify", "retry"])).stdout).toBe("1 notification will be sent again.\n");
    await troupe(["run", file]);
    expect((await troupe(["notify", "log"])).stdout.match(/sent/g)).toHaveLength(2);
    expect((await troupe(["notify", "retry", "msg_nothing"])).code).toBe(2);
  });

  test("says so where there are no rules", async () => {
    const { workspace } = bench.place();
    const { code, stderr } = await runCommand(["notify", "ls"], { cwd: workspace });
    expect([code, stderr]).toEqual([0, expect.stringContaining("has no `notify`")]);
  });
});
