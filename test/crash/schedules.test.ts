/** I-23 under kill -9: an engine dies around a slot, the next one goes on, and the slot has one run. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { TenantId } from "../../src/core/ids.ts";
import { openProject } from "../../src/main/project.ts";
import { deployText } from "../support/deploy.ts";
import type { Death, ScheduleOrder } from "./schedules.child.ts";

const CHILD = new URL("./schedules.child.ts", import.meta.url).pathname;
const MINUTE = 60_000;
const WORKFLOW = `name: minutely
input: { at: string }
on: { schedule: [{ cron: "* * * * *", overlap: allow, catchup: all, input: { at: "{{ schedule.at }}" } }] }
steps: [{ id: a, type: template, template: "{{ input.at }}" }]
`;
const key = { tenant: "default" as TenantId, workflow: "minutely", schedule: "1" };

const roots: string[] = [];
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

function start(order: ScheduleOrder): ChildProcess {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(order)], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  return child;
}

async function until(child: ChildProcess, word: string): Promise<void> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes(word)) return;
  }
  throw new Error(`it ended before it said ${word}: ${text}`);
}

test.each(["before-decision", "after-decision", "after-start", "after-settling"] as const satisfies readonly Death[])(
  "an engine that is killed %s leaves a slot that is started once",
  { timeout: 60_000 },
  async (death) => {
    const state = join(mkdtempSync(join(tmpdir(), "troupe-slots-")), "state");
    roots.push(join(state, ".."));
    {
      await using project = await openProject({ state });
      await deployText(project, WORKFLOW);
    }
    const slotAt = Math.ceil((Date.now() + 1) / MINUTE) * MINUTE;
    const first = start({ state, now: slotAt - 1_000, death });
    const [, signal] = (await once(first, "exit")) as [number | null, string | null];
    expect(signal).toBe("SIGKILL");
    const second = start({ state, now: slotAt + 1_000, death: "never" });
    await until(second, death === "after-settling" ? "ready" : "started");
    second.kill("SIGKILL");
    await once(second, "exit");
    await using project = await openProject({ state });
    const slots = project.store.slots(key, 10);
    expect(slots.map(({ slotAt: at, outcome }) => [at, outcome])).toEqual([[slotAt, "started"]]);
    const runs = project.list({ workflow: "minutely", limit: 10 });
    expect(runs.map(({ id }) => id)).toEqual([slots[0]?.run]);
  },
);
