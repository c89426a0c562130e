/** W6: a cold CLI, from the start of the process to the recorded result of the only step, and to the end of the process. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { answer, readParameters } from "../meter.ts";
import { writeWorkflow } from "./workflow-file.ts";

const { directory, step } = readParameters<{ directory: string; step: string }>();
const CLI = fileURLToPath(new URL("../../dist/src/cli/bin.js", import.meta.url));
const file = writeWorkflow(directory, "one", [step]);

async function time(): Promise<{ readonly resultMs: number; readonly exitMs: number }> {
  const state = mkdtempSync(join(directory, "state-"));
  const begin = performance.now();
  const beganAt = Date.now();
  const child = spawn(process.execPath, [CLI, "run", file, "--state", state], { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  const exitMs = performance.now() - begin;
  if (code !== 0) throw new Error(`the command ended with ${code}`);
  const db = new DatabaseSync(join(state, "troupe.db"), { readOnly: true });
  const row = db.prepare("SELECT at FROM run_events WHERE type = 'step.succeeded'").get();
  db.close();
  return { resultMs: Number(row?.at) - beganAt, exitMs };
}

await time();
answer(await time());
