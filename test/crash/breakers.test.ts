/** I-36: an engine is killed in each state of a breaker, with everything that it has started, and the next one goes on from there. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { openStore } from "../../src/adapters/store-sqlite/index.ts";
import type { BreakerRow } from "../../src/ports/breaker.ts";
import { eventually } from "../support/eventually.ts";
import { workflowOf } from "../support/workflow-of.ts";
import { killAllOf, type RunningEngine, startEngine } from "./life.ts";

const RECOVERY_MS = 3_000;

const WORKFLOW = workflowOf(
  "- id: ask",
  "  type: agent",
  "  prompt: Say something.",
  "  tool: { name: stub }",
  "  retry: { max: 900, base: 20ms, strategy: fixed, jitter: none, on: [transient, permanent] }",
  "  on_engine_crash: retry",
);
const ROUTER = `builtins: false
tools:
  - name: stub
    adapter: command
    command: [./stub.sh]
    breaker: { failures: 2, window: 30s, recovery: ${RECOVERY_MS}ms }
`;
/** Writes down when each call begins and ends, and does what the file `mode` says. */
const STUB = `#!/bin/sh
cat > /dev/null
here=$(dirname "$0")
echo "begin $(date +%s%3N)" >> "$here/calls"
case $(cat "$here/mode") in
  fail) echo "end $(date +%s%3N)" >> "$here/calls"; echo broken >&2; exit 9 ;;
  hang) sleep 600 ;;
  slow) sleep 0.4 ;;
esac
echo "end $(date +%s%3N)" >> "$here/calls"
echo done
`;

interface Call {
  readonly what: string;
  readonly at: number;
}

class Scene {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "troupe-breaker-")));
  readonly workspace = join(this.root, "work");
  readonly state = join(this.root, "state");

  constructor() {
    mkdirSync(this.workspace);
    writeFileSync(join(this.workspace, "flow.troupe.yaml"), WORKFLOW);
    writeFileSync(join(this.workspace, "router.yaml"), ROUTER);
    writeFileSync(join(this.workspace, "stub.sh"), STUB);
    chmodSync(join(this.workspace, "stub.sh"), 0o755);
  }

  /** Atomic, since the stub may be reading it. */
  mode(mode: "fail" | "hang" | "slow" | "ok"): void {
    writeFileSync(join(this.workspace, "mode.new"), mode);
    renameSync(join(this.workspace, "mode.new"), join(this.workspace, "mode"));
  }

  start(runs: number): RunningEngine {
    const file = join(this.workspace, "flow.troupe.yaml");
    const order = { state: this.state, file, input: {}, workspace: this.workspace, runs, oneByOne: true, releases: true };
    return startEngine(order, { root: this.root, path: this.root, crashAt: null });
  }

  calls(): readonly Call[] {
    const file = join(this.workspace, "calls");
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    return lines.map((line) => ({ what: line.split(" ")[0] ?? "", at: Number(line.split(" ")[1]) }));
  }

  begun(): readonly number[] {
    return this.calls().flatMap(({ what, at }) => (what === "begin" ? [at] : []));
  }

  async breaker(): Promise<BreakerRow | undefined> {
    await using store = await openStore({ directory: this.state, durability: "full" });
    return store.breakers(0)[0];
  }

  async reaches(state: string): Promise<BreakerRow> {
    let row: BreakerRow | undefined;
    await eventually(async () => {
      row = await this.breaker();
      expect(row?.actor.state).toBe(state);
    }, 30_000);
    if (row === undefined) throw new Error("it was there");
    return row;
  }

  async kill(engine: RunningEngine): Promise<void> {
    process.kill(engine.pid, "SIGKILL");
    await killAllOf(this.root);
    expect(await engine.ended).toBeNull();
  }
}

const scenes: Scene[] = [];
function createScene(): Scene {
  const scene = new Scene();
  scenes.push(scene);
  return scene;
}
afterEach(async () => {
  for (const { root } of scenes.splice(0)) {
    await killAllOf(root);
    rmSync(root, { recursive: true, force: true });
  }
});

const statesOf = async (engine: RunningEngine) => (await engine.ended)?.map(({ state }) => state);

describe("an engine that is killed", () => {
  test("while a breaker is closed leaves it closed (I-36)", async () => {
    const scene = createScene();
    scene.mode("hang");
    const first = scene.start(1);
    await eventually(() => expect(scene.begun().length).toBe(1), 30_000);
    await scene.kill(first);
    expect(await scene.breaker()).toBeUndefined();
    scene.mode("ok");
    expect(await statesOf(scene.start(1))).toEqual(["succeeded"]);
    expect(scene.begun().length).toBe(2);
  });

  test("while a breaker is open leaves it open for the rest of its time; waiting uses up no attempt (I-36)", async () => {
    const scene = createScene();
    scene.mode("fail");
    const first = scene.start(2);
    const { actor } = await scene.reaches("open");
    await scene.kill(first);
    const before = scene.begun().length;
    scene.mode("ok");
    const views = (await scene.start(2).ended) ?? [];
    expect(views.map(({ state }) => state)).toEqual(["succeeded", "succeeded"]);
    const later = scene.begun().slice(before);
    for (const at of later) expect(at).toBeGreaterThanOrEqual((actor.context.dueAt ?? 0) - 5);
    expect(later.length).toBe(2);
    // Each attempt that counts was one call.
    expect(views.reduce((sum, { steps }) => sum + (steps[0]?.attempts ?? 0), 0)).toBe(scene.begun().length);
    expect((await scene.breaker())?.actor.state).toBe("closed");
  });

  test("while a breaker is half open leaves it half open, and exactly one probe goes through (I-36)", async () => {
    const scene = createScene();
    scene.mode("fail");
    const first = scene.start(4);
    await scene.reaches("open");
    scene.mode("hang");
    const before = scene.begun().length;
    await scene.reaches("half_open");
    await eventually(() => expect(scene.begun().length).toBe(before + 1), 30_000);
    await scene.kill(first);
    expect((await scene.breaker())?.actor.state).toBe("half_open");
    scene.mode("slow");
    const atRestart = scene.calls().length;
    expect(await statesOf(scene.start(4))).toEqual(Array(4).fill("succeeded"));
    // The probe was alone: it had ended before the next call began.
    const calls = scene.calls().slice(atRestart);
    expect(calls.slice(0, 2).map(({ what }) => what)).toEqual(["begin", "end"]);
    expect((await scene.breaker())?.actor.state).toBe("closed");
  });
});
