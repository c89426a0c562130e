import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT } from "../../../src/cli/exit-code.ts";
import { createFolder, type Folder } from "./in-process.ts";

/** Each of these tests starts several engines, one after the other. */
const BUSY = { timeout: 60_000 };

let folder: Folder;

beforeAll(() => {
  folder = createFolder();
});
afterAll(() => folder[Symbol.dispose]());

let states = 0;
/** A state directory of its own, so that `@latest` and `approvals` speak of one run. */
function place(): { readonly run: Folder["run"] } {
  const state = `state-${++states}`;
  return { run: (words, given) => folder.run([...words, "--state", join(folder.path, state)], given) };
}

function workflow(name: string, text: string): string {
  const path = join(folder.path, `${name}.troupe.yaml`);
  writeFileSync(path, `name: ${name}\n${text}`);
  return path;
}

const release = (more = "") =>
  workflow(
    "release",
    `input: { version: { type: string, default: "1.2" } }
steps:
  - id: ask
    type: approval
    prompt: "Deploy {{ input.version }}?"
    show: { version: "{{ input.version }}" }
${more}
  - id: deploy
    run: echo "{{ steps.ask.output.by }} {{ steps.ask.output.comment }}"
    stdout: text
output: { said: "{{ steps.deploy.output }}" }
`,
  );

describe("a run that waits for a person", BUSY, () => {
  test("ends its command with 3, is shown with its digest, and goes on when it is approved", async () => {
    const at = place();
    const started = await at.run(["run", release()]);
    expect(started.code).toBe(EXIT.waitsForPerson);
    expect(started.out).toContain("troupe approve run_");
    const [pending] = JSON.parse((await at.run(["approvals", "-o", "json"])).out);
    expect(pending).toMatchObject({ step: "ask", attempt: 1, request: { prompt: "Deploy 1.2?", show: { version: "1.2" } } });
    const shown = await at.run(["approvals"]);
    for (const part of ["Deploy 1.2?", 'version: "1.2"', pending.digest, "anybody who may approve"]) expect(shown.out).toContain(part);
    const approved = await at.run(["approve", "@latest", "--as", "ann", "--comment", "go", "--digest", pending.digest]);
    expect([approved.code, approved.err]).toEqual([EXIT.succeeded, expect.stringContaining(pending.digest)]);
    const view = JSON.parse((await at.run(["show", "@latest", "-o", "json"])).out);
    expect(view.output).toEqual({ said: "ann go" });
    expect(view.steps[0].output).toMatchObject({ decision: "approved", by: "ann", comment: "go", automatic: false });
  });

  test("fails when it is rejected, with a code, and nothing repeats it", async () => {
    const at = place();
    await at.run(["run", release("    retry: 3")]);
    const rejected = await at.run(["reject", "@latest", "ask", "--as", "ann", "--comment", "not today"]);
    expect(rejected.code).toBe(EXIT.runFailed);
    const view = JSON.parse((await at.run(["show", "@latest", "-o", "json"])).out);
    expect(view.steps[0]).toMatchObject({ state: "failed", attempts: 1, error: { class: "policy", code: "APPROVAL_REJECTED" } });
  });

  test("answers every wrong decision with a code and 2, and stays as it is (I-24)", async () => {
    const at = place();
    await at.run(["run", release('    who: [ann]\n    fields: { ticket: { type: string, pattern: "^OPS-" } }')]);
    const wrong: readonly (readonly [string, readonly string[]])[] = [
      ["APPROVAL_NOT_YOURS", ["approve", "@latest", "--as", "eve", "--field", "ticket=OPS-1"]],
      ["APPROVAL_FIELDS", ["approve", "@latest", "--as", "ann"]],
      ["APPROVAL_FIELDS", ["approve", "@latest", "--as", "ann", "--field", "ticket=X-1"]],
      ["APPROVAL_FIELDS", ["approve", "@latest", "--as", "ann", "--field", "ticket=OPS-1", "--field", "more=1"]],
      ["APPROVAL_DIGEST", ["approve", "@latest", "--as", "ann", "--field", "ticket=OPS-1", "--digest", "0".repeat(64)]],
      ["APPROVAL_NONE", ["approve", "@latest", "deploy", "--as", "ann"]],
      ["CLI_USAGE", ["approve", "@latest", "--as", "ann", "--field", "ticket"]],
    ];
    for (const [code, words] of wrong) {
      const answer = await at.run(words);
      expect([answer.code, answer.err]).toEqual([EXIT.usage, expect.stringContaining(`(${code})`)]);
    }
    expect(JSON.parse((await at.run(["approvals", "-o", "json"])).out)).toHaveLength(1);
    expect((await at.run(["approve", "@latest", "--as", "ann", "--field", "ticket=OPS-1"])).code).toBe(EXIT.succeeded);
    const late = await at.run(["approve", "@latest", "--as", "ann", "--field", "ticket=OPS-1"]);
    expect([late.code, late.err]).toEqual([EXIT.usage, expect.stringContaining("(APPROVAL_NONE)")]);
  });

  test("is not decided by whoever started it, where four eyes are asked for", async () => {
    const at = place();
    const started = await at.run(["run", release("    four_eyes: true")], { env: { TROUPE_USER: "bob" } });
    expect(started.code).toBe(EXIT.waitsForPerson);
    const own = await at.run(["approve", "@latest"], { env: { TROUPE_USER: "bob" } });
    expect([own.code, own.err]).toEqual([EXIT.usage, expect.stringContaining("(APPROVAL_OWN_RUN)")]);
    expect((await at.run(["approve", "@latest"], { env: { TROUPE_USER: "ann" } })).code).toBe(EXIT.succeeded);
  });

  test("is not decided by what a workflow runs (S-36)", async () => {
    const at = place();
    await at.run(["run", release()]);
    const inside = await at.run(["approve", "@latest", "--yes"], { env: { TROUPE_ATTEMPT_TOKEN: "run_1.x" } });
    expect([inside.code, inside.err]).toEqual([EXIT.usage, expect.stringContaining("(APPROVAL_FROM_STEP)")]);
  });

  test("is not asked where its risk is low", async () => {
    const at = place();
    const file = workflow(
      "risky",
      `input: { prod: { type: boolean } }
risk: [{ when: input.prod, score: 70, reason: production }]
steps:
  - { id: ask, type: approval, prompt: "Go?", level: high }
`,
    );
    expect((await at.run(["run", file, "-i", "prod=false"])).code).toBe(EXIT.succeeded);
    expect((await at.run(["run", file, "-i", "prod=true"])).code).toBe(EXIT.waitsForPerson);
  });
});

describe("time to decide", BUSY, () => {
  test("runs out while no engine lives: late decisions are refused, and the next engine settles it", async () => {
    const at = place();
    const file = release("    expires: { after: 5s, then: approve }\n    level: low");
    expect((await at.run(["run", file])).code).toBe(EXIT.waitsForPerson);
    const [{ dueAt }] = JSON.parse((await at.run(["approvals", "-o", "json"])).out);
    await expect.poll(() => Date.now(), { timeout: 10_000 }).toBeGreaterThan(dueAt);
    const late = await at.run(["approve", "@latest", "--as", "ann"]);
    expect([late.code, late.err]).toEqual([EXIT.usage, expect.stringContaining("(APPROVAL_LATE)")]);
    expect((await at.run(["resume", "@latest"])).code).toBe(EXIT.succeeded);
    const view = JSON.parse((await at.run(["show", "@latest", "-o", "json"])).out);
    expect(view.steps[0].output).toMatchObject({ decision: "approved", by: null, automatic: true });
  });

  test("escalates to others, whose request has a digest of its own, while an engine waits with --wait", async () => {
    const at = place();
    const pending = async () => JSON.parse((await at.run(["approvals", "-o", "json"])).out);
    const driving = at.run(["run", release("    who: [ann]\n    expires: { after: 6s, then: escalate, to: [boss] }"), "--wait"]);
    const asked = { timeout: 15_000, interval: 100 };
    await expect.poll(pending, asked).toMatchObject([{ attempt: 1, request: { who: ["ann"] } }]);
    const [first] = await pending();
    await expect.poll(pending, asked).toMatchObject([{ attempt: 2, request: { who: ["boss"] } }]);
    const stale = await at.run(["approve", "@latest", "--as", "boss", "--digest", first.digest]);
    expect([stale.code, stale.err]).toEqual([EXIT.usage, expect.stringContaining("(APPROVAL_DIGEST)")]);
    expect((await at.run(["approve", "@latest", "--as", "boss"])).code).toBe(EXIT.succeeded);
    expect((await driving).code).toBe(EXIT.succeeded);
  });
});

describe("an event", BUSY, () => {
  const waiting = () =>
    workflow(
      "waiting",
      `steps:
  - { id: gate, type: approval, prompt: "Go?" }
  - { id: paid, type: wait, needs: [gate], event: paid, match: { order: 7 } }
  - { id: end, run: 'true', needs: [paid] }
output: { data: "{{ steps.paid.output.data }}", id: "{{ steps.paid.output.id }}" }
`,
    );

  test("that nobody waits for is refused", async () => {
    const at = place();
    await at.run(["run", waiting()]);
    const unheard = await at.run(["event", "paid", "--data", '{"order":7}']);
    expect([unheard.code, unheard.err]).toEqual([EXIT.usage, expect.stringContaining("(EVENT_UNHEARD)")]);
  });

  test("is heard by the step whose match it fits, once for each delivery", async () => {
    const at = place();
    await at.run(["run", waiting()]);
    const driving = at.run(["approve", "@latest", "--as", "ann"]);
    const view = async () => JSON.parse((await at.run(["show", "@latest", "-o", "json"])).out);
    await expect.poll(async () => (await view()).waitingFor, { timeout: 15_000, interval: 100 }).toContain("an event");
    const other = await at.run(["event", "paid", "--data", '{"order":8}']);
    expect(other.err).toContain("(EVENT_UNHEARD)");
    const heard = await at.run(["event", "paid", "--data", '{"order":7,"by":"card"}', "--id", "evt_1", "-o", "json"]);
    expect(JSON.parse(heard.out)).toEqual([{ run: expect.stringMatching(/^run_/), step: "paid" }]);
    expect((await driving).code).toBe(EXIT.succeeded);
    expect((await view()).output).toEqual({ data: { order: 7, by: "card" }, id: "evt_1" });
  });
});

test("what a person reads holds no control characters of the workflow's values (S-39)", async () => {
  const at = place();
  await at.run(["run", release(), "-i", "version=1\u001b[31m\u0007red"]);
  const { out } = await at.run(["approvals"]);
  expect(out).not.toContain("\u001b");
  expect(out).not.toContain("\u0007");
});

test("the journal keeps who decided about which digest", async () => {
  const at = place();
  await at.run(["run", release()]);
  const [pending] = JSON.parse((await at.run(["approvals", "-o", "json"])).out);
  await at.run(["approve", "@latest", "--as", "ann"]);
  const events = (await at.run(["events", "@latest", "-o", "jsonl"])).out.trim().split("\n");
  const answered = events.map((line) => JSON.parse(line)).find(({ data }) => data.digest !== undefined);
  expect(answered).toMatchObject({ stepId: "ask", data: { by: "ann", digest: pending.digest } });
});

test("`recover all` leaves alone what only a person can lead on, and says so", async () => {
  const { run } = place();
  const file = release();
  expect((await run(["run", file])).code).toBe(EXIT.waitsForPerson);
  const { code, out } = await run(["recover", "all"]);
  expect(code).toBe(EXIT.waitsForPerson);
  expect(out).toContain("release");
}, 60_000);
