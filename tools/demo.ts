/** `npm run demo`: runs the first example, then kills a second run in the middle and lets it go on. Leaves nothing behind. */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";
import { openProject } from "../src/main/project.ts";

const BUILT = resolve("dist/src/cli/bin.js");
const COMMAND = existsSync(BUILT) ? BUILT : resolve("src/cli/bin.ts");
const LOOK_EVERY_MS = 20;
const PATIENCE_MS = 20_000;

const folder = mkdtempSync(join(tmpdir(), "troupe-demo-"));
const state = join(folder, ".troupe");
const workflow = "hello.troupe.yaml";

try {
  cpSync("examples/01-hello", folder, { recursive: true });
  say(`1. Run examples/01-hello/${workflow}`);
  await troupe("run", workflow);
  say("2. Run it again, and kill -9 the engine in the middle");
  const left = await killInTheMiddle();
  process.stdout.write(
    `Killed. The journal holds ${left.entries} entries: finished ${left.finished.join(", ")}; in flight ${left.inFlight.join(", ")}.\n`,
  );
  say("3. Resume");
  await troupe("resume", "@latest");
  await tellAttempts(left.finished);
  process.stdout.write(`\n${styleText("bold", "Go on:")} npx troupe run examples/01-hello/${workflow} -i name=Ada\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function say(text: string): void {
  process.stdout.write(`\n${styleText("bold", text)}\n\n`);
}

/** Runs the command in the demo's folder; a failure of it fails the demo. */
async function troupe(...words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [COMMAND, ...words], { cwd: folder, stdio: "inherit" });
  const [code] = await new Promise<[number | null]>((done) => child.on("exit", (exit) => done([exit])));
  if (code !== 0) throw new Error(`\`troupe ${words.join(" ")}\` ended with exit code ${code}`);
}

interface Left {
  readonly entries: number;
  readonly finished: readonly string[];
  readonly inFlight: readonly string[];
}

/** Kills as soon as the journal says that one step has finished and others run. */
async function killInTheMiddle(): Promise<Left> {
  await using project = await openProject({ state });
  const before = project.runId("@latest");
  const child = spawn(process.execPath, [COMMAND, "run", workflow, "-i", "name=again"], { cwd: folder, stdio: "ignore" });
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_EVERY_MS) {
    await sleep(LOOK_EVERY_MS);
    const runId = project.runId("@latest");
    if (runId === before) continue;
    const { steps } = project.view(runId);
    const finished = steps.filter(({ state: reached }) => reached === "succeeded").map(({ id }) => id);
    const inFlight = steps.filter(({ detail }) => detail === "running.executing").map(({ id }) => id);
    if (finished.length === 0 || inFlight.length === 0) continue;
    child.kill("SIGKILL");
    await new Promise((done) => child.on("exit", done));
    return { entries: project.store.run(runId)?.lastSeq ?? 0, finished, inFlight };
  }
  child.kill("SIGKILL");
  throw new Error("The second run did not get to its middle.");
}

/** The proof: how often each step was started, by the journal. */
async function tellAttempts(finished: readonly string[]): Promise<void> {
  await using project = await openProject({ state });
  const { steps } = project.view(project.runId("@latest"));
  const ran = steps.filter(({ attempts }) => attempts > 0);
  process.stdout.write("\nAttempts by the journal, over both engines: ");
  process.stdout.write(`${ran.map(({ id, attempts }) => `${id} ${attempts}`).join(", ")}.\n`);
  const repeated = ran.filter(({ id, attempts }) => attempts > 1 && finished.includes(id)).map(({ id }) => id);
  if (repeated.length > 0) throw new Error(`These had finished and were repeated: ${repeated.join(", ")}`);
  process.stdout.write("What had finished was not repeated; what was in flight was picked up where it was.\n");
}
