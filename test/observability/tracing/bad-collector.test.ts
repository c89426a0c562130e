import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import type { RunView } from "../../../src/main/index.ts";
import { type CommandEnd, startCommand } from "../../support/command.ts";
import { openReceiver } from "../../support/otlp-receiver.ts";

/** The flush that an end may wait for, and the end of a process on a busy machine. */
const LATE_MAX_MS = 2_000 + 2_500;

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "troupe-tracing-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(
    join(cwd, "many.troupe.yaml"),
    `name: many
steps:
${Array.from({ length: 40 }, (_, nth) => `  - { id: step_${nth}, type: assert, check: 1 == 1 }`).join("\n")}
`,
  );
});

/** `lateMs`: from the result to the end of the process. */
async function run(endpoint: string, env: Readonly<Record<string, string>> = {}): Promise<CommandEnd & { readonly lateMs: number }> {
  const words = ["run", "many.troupe.yaml", "-o", "json"];
  const running = startCommand(words, { cwd, env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env } });
  await running.shows('"state": "succeeded"');
  const shownAt = performance.now();
  const end = await running.ended;
  return { ...end, lateMs: performance.now() - shownAt };
}

const warnings = ({ stderr }: CommandEnd): readonly string[] => stderr.split("\n").filter((line) => line.startsWith("warning"));

function expectUnharmed(end: CommandEnd & { readonly lateMs: number }): void {
  expect(end.code).toBe(0);
  expect((JSON.parse(end.stdout) as RunView).state).toBe("succeeded");
  expect(warnings(end)).toEqual([expect.stringMatching(/^warning: Traces do not reach http:\/\/127\.0\.0\.1:\d+: .+\. Runs go on; /)]);
  // 40 steps and their attempts, and the run.
  expect(end.stderr).toContain("81 spans were lost.");
  expect(end.lateMs).toBeLessThan(LATE_MAX_MS);
}

test.each(["refuse", "hang up", "say nothing", "flood"] as const)(
  "a collector that is made to %s does a run no harm (F-45)",
  async (manners) => {
    const receiver = await openReceiver(manners);
    expectUnharmed(await run(receiver.url));
    expect(receiver.requests.length).toBeGreaterThan(0);
  },
);

test("neither does one that is not there", async () => {
  expectUnharmed(await run("http://127.0.0.1:1"));
});

test("or an address that is none", async () => {
  const end = await run("nonsense");
  expect([end.code, warnings(end).length]).toEqual([0, 1]);
});

test("a queue that holds next to nothing loses nothing while the collector takes what comes", async () => {
  const receiver = await openReceiver();
  const end = await run(receiver.url, { OTEL_BSP_MAX_QUEUE_SIZE: "4", OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "4" });
  expect([end.code, warnings(end), receiver.spans().length]).toEqual([0, [], 81]);
});
