/** What this machine gives at most: fsyncs, SQLite commits, statechart transitions, processes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { initialTransition, transition } from "xstate";
import { stepMachine } from "../../actors/step/step.machine.ts";
import { stepReducer } from "../../src/kernel/machine.ts";
import { answer, readParameters } from "../meter.ts";
import { medianOf, quantileOf } from "../tally.ts";

const { directory } = readParameters<{ directory: string }>();

function timeFsyncs(count: number): readonly number[] {
  const file = openSync(join(directory, "fsync"), "w");
  const page = Buffer.alloc(4_096, 1);
  const timesMs = Array.from({ length: count }, () => {
    writeSync(file, page);
    const begin = performance.now();
    fsyncSync(file);
    return performance.now() - begin;
  });
  closeSync(file);
  return timesMs;
}

function measureCommits(groups: number, size: number): number {
  const db = new DatabaseSync(join(directory, `commits-${size}.db`));
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT) STRICT");
  const insert = db.prepare("INSERT INTO rows (text) VALUES ('some text as long as a small entry of a journal')");
  const begin = performance.now();
  for (let group = 0; group < groups; group++) {
    db.exec("BEGIN IMMEDIATE");
    for (let row = 0; row < size; row++) insert.run();
    db.exec("COMMIT");
  }
  const perS = ((groups * size) / (performance.now() - begin)) * 1_000;
  db.close();
  return perS;
}

const LIFE = [
  { type: "step.ready", at: 1 },
  { type: "attempt.start", at: 1, attempt: 1 },
  { type: "attempt.succeeded", at: 2, attempt: 1, outcome: { kind: "succeeded", output: null }, usage: null },
] as const;

function rateOf(count: number, work: () => void): number {
  for (let index = 0; index < count / 10; index++) work();
  const begin = performance.now();
  for (let index = 0; index < count; index++) work();
  return (count / (performance.now() - begin)) * 1_000;
}

function liveByXState(): void {
  let [snapshot] = initialTransition(stepMachine);
  for (const event of LIFE) [snapshot] = transition(stepMachine, snapshot, event as Parameters<typeof stepMachine.transition>[1]); // Complete enough for the guards.
}

function liveByReducer(): void {
  let snapshot = stepReducer.initial;
  for (const event of LIFE) ({ snapshot } = stepReducer.send(snapshot, event as Parameters<typeof stepReducer.send>[1])); // As above.
}

async function measureSpawns(count: number, atOnce: number): Promise<number> {
  let started = 0;
  const line = async (): Promise<void> => {
    while (started++ < count) await once(spawn("/bin/true", { stdio: "ignore" }), "exit");
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: atOnce }, line));
  return (count / (performance.now() - begin)) * 1_000;
}

async function timeNode(...options: readonly string[]): Promise<number> {
  const timesMs: number[] = [];
  for (let repeat = 0; repeat < 7; repeat++) {
    const begin = performance.now();
    await once(spawn(process.execPath, options, { stdio: "ignore" }), "exit");
    timesMs.push(performance.now() - begin);
  }
  return medianOf(timesMs);
}

const fsyncs = timeFsyncs(500);
answer({
  fsyncP50Ms: quantileOf(fsyncs, 0.5),
  fsyncP99Ms: quantileOf(fsyncs, 0.99),
  commitsPerS: measureCommits(1_000, 1),
  rowsPerSBy10: measureCommits(500, 10),
  rowsPerSBy100: measureCommits(200, 100),
  livesPerSByXState: rateOf(5_000, liveByXState),
  livesPerSByReducer: rateOf(200_000, liveByReducer),
  spawnsPerS: await measureSpawns(400, 4),
  nodeStartMs: await timeNode("-e", "0"),
  nodeStartWithSqliteMs: await timeNode("-e", "require('node:sqlite')"),
});
