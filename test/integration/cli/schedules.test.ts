import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openProject } from "../../../src/main/project.ts";
import { deployText } from "../../support/deploy.ts";
import { useFolder } from "./in-process.ts";

const folder = useFolder();

const NIGHTLY = `name: nightly
input: { at: string }
on:
  schedule:
    - { cron: "0 6 * * *", timezone: Europe/Berlin, input: { at: "{{ schedule.at }}" } }
    - { cron: "@hourly", name: often, overlap: queue, input: { at: x } }
steps: [{ id: a, type: template, template: "{{ input.at }}" }]
`;

async function deployed(): Promise<void> {
  await using project = await openProject({ state: join(folder.path, ".troupe") });
  await deployText(project, NIGHTLY);
}

const json = async (words: readonly string[]) => JSON.parse((await folder.run([...words, "-o", "json"])).out);

describe("troupe schedules", () => {
  test("lists and shows what is deployed, in the clock of each schedule", async () => {
    await deployed();
    const { out, code } = await folder.run(["schedules", "ls"]);
    expect(code).toBe(0);
    expect(out).toMatch(/nightly\/1 +0 6 \* \* \* +Europe\/Berlin +\w{3} \d{4}-\d\d-\d\d 06:00 \+0[12]:00/);
    expect(await json(["schedules", "show", "nightly/often"])).toMatchObject({
      id: "nightly/often",
      cron: "@hourly",
      overlap: "queue",
      slots: [],
    });
    expect((await folder.run(["schedules", "show", "nightly/2"])).err).toContain("No schedule `nightly/2` is deployed.");
  });

  test("pauses and resumes, and says who did it", async () => {
    await deployed();
    const paused = await json(["schedules", "pause", "nightly/1", "--reason", "holidays"]);
    expect(paused).toMatchObject({ paused: true, nextAt: null, stop: { kind: "paused", reason: "holidays" } });
    expect((await folder.run(["schedules", "ls"])).out).toContain("paused");
    expect(await json(["schedules", "resume", "nightly/1"])).toMatchObject({ paused: false, stop: null });
  });

  test("starts a run as the schedule would, and drives it where nobody else does", async () => {
    await deployed();
    const run = await json(["schedules", "run", "nightly/1"]);
    expect(run).toMatchObject({ workflow: "nightly", state: "succeeded" });
    expect(Date.parse(run.input.at)).toBeGreaterThan(Date.now() - 60_000);
  });

  test("tells the next times of a file before it is deployed, and of a deployed one", async () => {
    const file = folder.workflow(NIGHTLY);
    const [first, second] = await json(["schedules", "next", file, "-n", "3"]);
    expect([first.schedule, first.times.length, second.schedule]).toEqual(["nightly/1", 3, "nightly/often"]);
    for (const time of second.times) expect(time).toMatch(/:00:00\.000Z$/);
    expect((await folder.run(["schedules", "next", file, "-n", "1"])).out).toContain("06:00 +0");
    await deployed();
    expect((await json(["schedules", "next", "nightly/1", "-n", "2"]))[0].times).toHaveLength(2);
    const none = folder.workflow("steps: [{ id: a, run: x }]\n");
    expect(await folder.run(["schedules", "next", none])).toMatchObject({ code: 2, err: expect.stringContaining("has no schedule") });
  });
});

describe("troupe hooks", () => {
  test("tells a secret once, lists addresses without it, and takes them away", async () => {
    const made = await json(["hooks", "create", "push", "--scheme", "github"]);
    expect(made).toMatchObject({ event: "push", scheme: "github", tenant: "default", secret: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(made.path).toBe(`/api/v1/events/push/${made.id}`);
    const list = await folder.run(["hooks", "ls", "-o", "json"]);
    expect(JSON.parse(list.out)).toMatchObject([{ id: made.id }]);
    expect(list.out).not.toContain(made.secret);
    expect((await folder.run(["hooks", "revoke", made.id])).code).toBe(0);
    expect((await folder.run(["hooks", "revoke", made.id])).code).toBe(2);
    expect((await folder.run(["hooks", "create", "a b"])).code).toBe(2);
    expect(await json(["hooks", "create", "paid", "--secret-env", "PAID"])).toMatchObject({ secret: null });
  });
});
