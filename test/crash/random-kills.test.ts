/** F-3: kill -9 at random moments, again and again, with thirty runs under way. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openProject } from "../../src/main/project.ts";
import { elapse } from "../support/elapse.ts";
import { interpretersThatRecord, judgeRun, readLedger } from "../support/judged-run.ts";
import { createDraw } from "./draw.ts";
import { killAllOf, startEngine } from "./life.ts";

const RUNS = 30;
const KILLING_MS = 30_000;
const SEED = Number(process.env.CRASH_SEED ?? 1);

/** Six steps with a fork and a join, a retry and a lock, about two seconds of work. */
const WORKFLOW = `apiVersion: troupe/v1
name: chaos
output: { sum: "{{ steps.join.output.sum }}" }
steps:
  - id: first
    run: sleep 0.1; echo n=1 > "$TROUPE_OUTPUT"
  - id: left
    needs: [first]
    locks: [scale]
    run: sleep 0.5; echo n=2 > "$TROUPE_OUTPUT"
  - id: right
    needs: [first]
    retry: { max: 2, base: 50ms, exit_codes: [3] }
    run: test "$TROUPE_ATTEMPT" -ge 2 || exit 3; sleep 0.4; echo n=3 > "$TROUPE_OUTPUT"
  - id: late
    needs: [first]
    timeout: { after: 400ms, then: fallback, value: { n: 4 }, grace: 100ms }
    run: sleep 30
  - id: scaled
    needs: [first]
    locks: [scale]
    run: sleep 0.3; echo n=5 > "$TROUPE_OUTPUT"
  - id: join
    stdout: json
    run: echo "{\\"sum\\":\\"$(printf '%s' {{ steps.left.output.n ~ steps.right.output.n ~ steps.late.output.n ~ steps.scaled.output.n }})\\"}"
`;

test(`${RUNS} runs lose nothing and end once, however often everything is killed (F-3, I-2, I-3, I-18)`, async () => {
  const draw = createDraw(SEED);
  const root = mkdtempSync(join(tmpdir(), "troupe-random-"));
  const workspace = join(root, "work");
  mkdirSync(workspace);
  const file = join(workspace, "chaos.troupe.yaml");
  writeFileSync(file, WORKFLOW);
  const ledger = join(root, "ledger");
  const path = interpretersThatRecord(root, ledger);
  const order = { state: join(root, "state"), file, input: {}, workspace, runs: RUNS, oneByOne: true, releases: true };
  try {
    const until = performance.now() + KILLING_MS;
    let kills = 0;
    let wholeKills = 0;
    for (let isEnded = false; !isEnded && performance.now() < until; ) {
      const engine = startEngine(order, { root, path, crashAt: null });
      // From the moment it works, else nothing but its start would be tested.
      await Promise.race([engine.working, engine.ended]);
      await elapse(50 + draw(450));
      if (draw(3) === 0) {
        wholeKills += 1;
        await killAllOf(root);
      } else process.kill(engine.pid, "SIGKILL");
      isEnded = (await engine.ended) !== null;
      if (!isEnded) kills += 1;
    }
    const views = await startEngine(order, { root, path, crashAt: null }).ended;
    process.stdout.write(`random kills, CRASH_SEED=${SEED}: ${kills} survived, ${wholeKills} of them with all commands; ${RUNS} runs\n`);
    expect(views?.map(({ state, output }) => ({ state, output }))).toEqual(
      Array.from({ length: RUNS }, () => ({ state: "succeeded", output: { sum: "2345" } })),
    );
    await using project = await openProject({ state: order.state });
    const executions = readLedger(ledger);
    const runs = project.list({ limit: RUNS + 1 });
    expect(runs.length).toBe(RUNS);
    expect(runs.flatMap(({ id }) => judgeRun(project, project.runId(id), executions, kills))).toEqual([]);
    expect(kills).toBeGreaterThan(3);
  } finally {
    await killAllOf(root);
    rmSync(root, { recursive: true, force: true });
  }
});
