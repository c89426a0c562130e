/** The runs whose journals are kept: one for each way in which a run can go. Real engines, real commands, real kills. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunHandle, Troupe, TroupeOptions } from "../../src/main/index.ts";
import { killAllOf, startEngine } from "../crash/life.ts";
import { elapse } from "./elapse.ts";
import { workflowOf } from "./workflow-of.ts";

export interface ShapePlace {
  readonly folder: string;
  readonly state: string;
  write(text: string): string;
  /** An engine on this state directory; closed when the shape is recorded. */
  open(options?: TroupeOptions): Promise<Troupe>;
}

export interface Shape {
  readonly name: string;
  /** Resolves with the run whose journal is kept. */
  readonly run: (place: ShapePlace) => Promise<RunHandle>;
}

/** Waits for `go`, or for the end of the folder. */
const held = (name: string): string => `touch begun-${name}; until [ -e go ] || [ ! -e begun-${name} ]; do sleep 0.02; done`;

async function seen(look: () => boolean): Promise<void> {
  while (!look()) await elapse(10);
}

const stepState = (run: RunHandle, id: string): string => run.view().steps.find((step) => step.id === id)?.state ?? "";

async function plain(place: ShapePlace, options: TroupeOptions, ...lines: readonly string[]): Promise<RunHandle> {
  const troupe = await place.open(options);
  const run = await troupe.run(place.write(workflowOf(...lines)), { workspace: place.folder });
  await run.result();
  return run;
}

export const shapes: readonly Shape[] = [
  {
    name: "success",
    run: async (place) => {
      const functions = { add: ({ items }: { items: readonly number[] }) => ({ sum: items.reduce((sum, item) => sum + item, 0) }) };
      const troupe = await place.open({ functions });
      const lines = [
        "- id: left",
        "  stdout: json",
        "  run: echo {{ input.n }}",
        "- id: right",
        "  locks: [scale]",
        '  run: echo n=4 > "$TROUPE_OUTPUT"',
        "- id: add",
        "  call: add",
        "  with: { items: ['{{ steps.left.output }}', 4] }",
        "- id: judge",
        "  check: steps.add.output.sum > 4",
        "- id: report",
        "  needs: [judge, right]",
        "  template: 'The sum is {{ steps.add.output.sum }}.'",
      ];
      const text = `${workflowOf(...lines)}output: { sum: "{{ steps.add.output.sum }}", text: "{{ steps.report.output }}" }\n`;
      const caller = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
      const run = await troupe.run(place.write(text), { input: { n: 3 }, context: { who: "ada" }, workspace: place.folder, ...caller });
      await run.result();
      return run;
    },
  },
  {
    name: "retry",
    run: (place) =>
      plain(
        place,
        {},
        "- id: flaky",
        "  retry: { max: 3, base: 60ms, exit_codes: [3] }",
        '  run: test "$TROUPE_ATTEMPT" -ge 3 || exit 3; echo done=1 > "$TROUPE_OUTPUT"',
        "- id: hopeless",
        "  optional: true",
        "  retry: { max: 1, base: 20ms, jitter: none, exit_codes: [3] }",
        "  run: exit 3",
        "- id: after",
        "  needs: [flaky, hopeless]",
        "  join: none_failed",
        "  run: 'true'",
      ),
  },
  {
    name: "time-outs",
    run: (place) =>
      plain(
        place,
        {},
        "- id: falls_back",
        "  timeout: { after: 150ms, then: fallback, value: { late: true }, grace: 50ms }",
        "  run: sleep 60",
        "- id: skips",
        "  timeout: { after: 150ms, then: skip, grace: 50ms }",
        "  run: sleep 60",
        "- id: fails",
        "  optional: true",
        "  timeout: { after: 150ms, grace: 50ms }",
        "  run: \"trap '' TERM; sleep 60\"",
        "- id: retries",
        "  optional: true",
        "  retry: { max: 1, base: 20ms, on: [timeout] }",
        "  timeout: { after: 150ms, grace: 50ms }",
        "  run: sleep 60",
        "- id: after",
        "  needs: [falls_back, skips, fails, retries]",
        "  join: all_done",
        "  run: 'true'",
      ),
  },
  {
    name: "time-limit-of-the-run",
    run: async (place) => {
      const troupe = await place.open();
      const text = `${workflowOf("- id: quick", "  run: 'true'", "- id: slow", "  run: sleep 60", "- id: after", "  needs: [slow]", "  run: 'true'")}timeout: 1s\n`;
      const run = await troupe.run(place.write(text), { workspace: place.folder });
      await run.result();
      return run;
    },
  },
  {
    name: "skips",
    run: (place) =>
      plain(
        place,
        {},
        "- id: choose",
        "  cases: [{ when: 7 > 5, do: many }]",
        "  default: few",
        "- id: many",
        "  run: 'true'",
        "- id: few",
        "  run: 'true'",
        "- id: never",
        "  when: 1 > 2",
        "  run: 'true'",
        "- id: below",
        "  needs: [never]",
        "  run: 'true'",
        "- id: broken",
        "  optional: true",
        "  run: exit 1",
        "- id: either",
        "  needs: [many, few, broken]",
        "  join: any_success",
        "  run: 'true'",
      ),
  },
  {
    name: "failure",
    run: (place) =>
      plain(
        place,
        {},
        "- id: bad",
        "  run: echo wrong >&2; exit 4",
        "- id: below",
        "  needs: [bad]",
        "  run: 'true'",
        "- id: beside",
        "  run: 'true'",
      ),
  },
  {
    name: "quarantine",
    run: async (place) => {
      const troupe = await place.open();
      const step = (id: string): readonly string[] => [
        `- id: ${id}`,
        "  retry: { max: 1, base: 10ms, exit_codes: [3], on_exhausted: quarantine }",
        "  run: '[ -e repaired ] || exit 3'",
      ];
      const text = workflowOf(
        ...["released", "skipped", "overridden", "failed"].flatMap(step),
        "- id: after",
        "  needs: [released]",
        "  run: 'true'",
      );
      const run = await troupe.run(place.write(text), { workspace: place.folder });
      await run.result();
      await seen(() => run.view().detail === "quarantined");
      writeFileSync(join(place.folder, "repaired"), "");
      await run.skip("skipped", "not needed");
      await run.override("overridden", { by: "hand" });
      await run.release("released");
      await run.fail("failed", "beyond repair");
      await seen(() => run.view().state === "failed");
      return run;
    },
  },
  {
    name: "cancel",
    run: async (place) => {
      const troupe = await place.open();
      const text = workflowOf(
        "- id: done",
        "  run: 'true'",
        "- id: flaky",
        "  optional: true",
        "  retry: { max: 5, base: 10m, jitter: none, exit_codes: [3] }",
        "  run: exit 3",
        "- id: held",
        "  timeout: { after: 10m, grace: 100ms }",
        `  run: ${held("held")}`,
        "- id: after",
        "  needs: [held]",
        "  run: 'true'",
      );
      const run = await troupe.run(place.write(text), { workspace: place.folder });
      await seen(() => stepState(run, "flaky") === "retrying" && stepState(run, "done") === "succeeded");
      await seen(() => existsSync(join(place.folder, "begun-held")));
      await run.cancel("enough");
      await run.result();
      return run;
    },
  },
  {
    name: "pause",
    run: async (place) => {
      const troupe = await place.open();
      const run = await troupe.run(
        place.write(workflowOf("- id: first", `  run: ${held("first")}`, "- id: second", "  needs: [first]", "  run: 'true'")),
        { workspace: place.folder },
      );
      await seen(() => existsSync(join(place.folder, "begun-first")));
      await run.pause();
      writeFileSync(join(place.folder, "go"), "");
      await seen(() => stepState(run, "first") === "succeeded");
      await run.resume();
      await run.result();
      return run;
    },
  },
  ...(["retry", "fork"] as const).map((relation) => ({
    name: relation === "retry" ? "linked-retry" : "linked-fork",
    run: async (place: ShapePlace) => {
      const troupe = await place.open();
      const text = workflowOf(
        "- id: first",
        "  stdout: text",
        "  run: echo one",
        "- id: optional",
        "  when: false",
        "  run: 'true'",
        "- id: middle",
        "  needs: [first]",
        "  run: '[ -e weather ]'",
        "- id: last",
        "  needs: [middle]",
        "  run: 'true'",
      );
      if (relation === "fork") writeFileSync(join(place.folder, "weather"), "");
      const run = await troupe.run(place.write(text), { workspace: place.folder });
      await run.result();
      writeFileSync(join(place.folder, "weather"), "");
      const linked = relation === "retry" ? await run.retry() : await run.fork("middle");
      await linked.result();
      return linked;
    },
  })),
  {
    name: "crash-reattach",
    run: async (place) => {
      const text = workflowOf(
        "- id: held",
        `  run: ${held("held")}; echo n=1 > "$TROUPE_OUTPUT"`,
        "- id: after",
        "  run: 'true'",
        "  needs: [held]",
      );
      await dieAmid(place, text, ["held"], "engine");
      writeFileSync(join(place.folder, "go"), "");
      const troupe = await place.open();
      const run = troupe.get("@latest");
      await run.result();
      return run;
    },
  },
  {
    name: "crash-lost",
    run: async (place) => {
      const step = (id: string, ...more: readonly string[]): readonly string[] => [
        `- id: ${id}`,
        ...more.map((line) => `  ${line}`),
        `  run: ${held(id)}`,
      ];
      const text = workflowOf(
        "- id: done",
        "  run: 'true'",
        ...step("repeated", "needs: [done]"),
        ...step("once", "needs: [done]", "side_effect: once"),
        ...step("asks", "needs: [done]", "on_engine_crash: quarantine"),
        ...step("fails", "needs: [done]", "on_engine_crash: fail", "optional: true"),
      );
      await dieAmid(place, text, ["repeated", "once", "asks", "fails"], "all");
      writeFileSync(join(place.folder, "go"), "");
      const troupe = await place.open();
      const run = troupe.get("@latest");
      await run.result();
      await run.override("once", { seen: true });
      await run.release("asks");
      await seen(() => run.view().state === "succeeded");
      return run;
    },
  },
  {
    name: "crash-poison",
    run: async (place) => {
      const text = workflowOf("- id: poison", `  run: ${held("poison")}`, "- id: beside", "  run: 'true'");
      for (let death = 1; death <= 3; death++) await dieAmid(place, text, ["poison"], "engine");
      const troupe = await place.open({ adopt: "asked", warn: () => {} });
      const run = troupe.get("@latest");
      await run.resume().catch(() => {}); // Taken over here; what is quarantined cannot be resumed.
      await run.result();
      await run.cancel("it kills engines");
      await run.result();
      return run;
    },
  },
];

/** An engine that starts this one run, or goes on with it, and is killed when these steps have begun. */
async function dieAmid(place: ShapePlace, text: string, begun: readonly string[], victims: "engine" | "all"): Promise<void> {
  const home = join(place.folder, "home");
  mkdirSync(home, { recursive: true });
  const order = {
    state: place.state,
    file: place.write(text),
    input: {},
    workspace: place.folder,
    runs: 1,
    oneByOne: true,
    releases: false,
  };
  const engine = startEngine(order, { root: place.folder, path: home, crashAt: null });
  await engine.working;
  await seen(() => begun.every((name) => existsSync(join(place.folder, `begun-${name}`))));
  await elapse(100); // So that a second engine is surely amid the attempt, too.
  if (victims === "all") await killAllOf(place.folder);
  else process.kill(engine.pid, "SIGKILL");
  if ((await engine.ended) !== null) throw new Error("The engine ended by itself.");
}
