/** F-16: two commands at the same moment on one state directory, again and again. One becomes the engine; both see their run to its end. `PAIRS=100` for more. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withDatabase } from "../conformance/store-sqlite.bench.ts";
import { runCommand } from "../support/command.ts";
import { workflowOf } from "../support/workflow-of.ts";

const PAIRS = Number(process.env.PAIRS ?? 24);
/** Each pair is two processes that want both cores at the same moment. */
const PAIRS_AT_ONCE = 2;

/** Longer than a process takes to start, so that the second meets the first. */
const WORKFLOW = workflowOf("- id: say", "  stdout: text", "  run: sleep 0.3; echo $TROUPE_RUN_ID >> ledger; echo hello");

interface Reign {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Times at which two engines owned one store. */
function overlaps(state: string): readonly string[] {
  const rows = withDatabase(state, (db) => db.prepare("SELECT epoch, started_at, ended_at, clean FROM engines ORDER BY epoch").all());
  const reigns = rows.map(
    (row): Reign => ({ startedAt: Number(row.started_at), endedAt: Number(row.ended_at ?? Number.POSITIVE_INFINITY) }),
  );
  return reigns.flatMap(({ startedAt }, index) => {
    const before = reigns[index - 1];
    return before !== undefined && startedAt < before.endedAt ? [`engine ${index + 1} began before engine ${index} had ended`] : [];
  });
}

/** What went wrong with one pair, and whether the two met. */
async function onePair(state: string, workspace: string): Promise<{ readonly problems: readonly string[]; readonly met: boolean }> {
  const words = ["run", "say.yaml", "--state", state, "-o", "json"];
  const ends = await Promise.all([0, 1].map(() => runCommand(words, { cwd: workspace })));
  const problems = ends.flatMap(({ code, stdout, stderr }) => {
    const view = code === 0 ? (JSON.parse(stdout) as { readonly state: string }) : null; // `run -o json` prints a run.
    return view?.state === "succeeded" ? [] : [`it ended with ${code}: ${stderr}`];
  });
  return { problems: [...problems, ...overlaps(state)], met: ends.some(({ stderr }) => stderr.includes("engine")) };
}

test(`${PAIRS} pairs of commands that start at once have one engine at a time, on fresh directories and on one that is known (F-16, I-11)`, {
  timeout: 600_000,
}, async () => {
  const root = mkdtempSync(join(tmpdir(), "troupe-pairs-"));
  writeFileSync(join(root, "say.yaml"), WORKFLOW);
  const problems: string[] = [];
  let next = 0;
  let met = 0;
  const work = async (known: string): Promise<void> => {
    while (next < PAIRS) {
      const pair = next++;
      const found = await onePair(pair % 2 === 0 ? join(root, `fresh-${pair}`) : known, root);
      problems.push(...found.problems.map((problem) => `pair ${pair}: ${problem}`));
      if (found.met) met += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: PAIRS_AT_ONCE }, (_, index) => work(join(root, `known-${index}`))));
    process.stdout.write(`pairs of commands: ${PAIRS}, of which ${met} shared an engine\n`);
    expect(problems).toEqual([]);
    expect(met).toBeGreaterThan(PAIRS / 4);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
