/** The `Processes` port over a supervisor per engine (ADR-0002). Every answer comes from a control directory or agrees with one. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Processes, ProcessResult, ProcessSpec, ProcessVerdict } from "../../ports/processes.ts";
import { type Confiner, createConfiner } from "./confine.ts";
import { createWhole, readPart, writeWhole } from "./durable.ts";
import { type Findings, gather, latestDispatch } from "./evidence.ts";
import { findInherited, findInterpreter } from "./interpreter.ts";
import { judge } from "./judge.ts";
import { createLine } from "./line.ts";
import { readBootId, signalProcess } from "./proc.ts";
import { type ClaimFile, INFRASTRUCTURE_ERRORS, type SpecFile, type StopOrder, TOKEN_VARIABLE } from "./protocol.ts";
import { createSweeper } from "./sweeper.ts";

export interface ProcessShimOptions {
  /** Holds the supervisor's log and code cache; made when missing. */
  readonly directory: string;
  /** @defaultValue the engine's own environment */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface ProcessShim extends Processes {
  /** Starts the supervisor ahead of the first command. */
  warm(): void;
}

/** How often a followed attempt of another engine is looked at. */
const FOLLOW_MS = 50;
/** A machine short of processes or space gets this long before the attempt is handed back for another dispatch. */
const INFRASTRUCTURE_PAUSE_MS = 500;
/** Where the supervisor itself cannot start it gets longer each time: nothing but a repair will help, and each try is an entry of the journal. */
const INFRASTRUCTURE_PAUSE_MAX_MS = 10_000;
/** Before a lost attempt's processes are killed; they have lost their parent and their output already. */
const LOST_GRACE_MS = 1_000;

export function createProcesses(options: ProcessShimOptions): ProcessShim {
  const env = options.env ?? process.env;
  const line = createLine(options.directory, env);
  const confiner = createConfiner(env);
  const sweeper = createSweeper();
  const closing = new AbortController();
  const sweep = (token: string, graceMs: number, group: number | null = null): Promise<number> =>
    sweeper.sweep(token, group, graceMs, true);
  const judgeDirectory = async (directory: string, token: string): Promise<ProcessVerdict> =>
    decide(latestDispatch(directory), token, sweep);
  /** Directories that wait for their attempts, by the name that those know. */
  const prepared = new Map<string, string>();
  return {
    interpreter: findInterpreter(env.PATH),
    whyNotConfined: (level) => confiner.whyNot(level),
    inherited: findInherited(env),
    warm: line.warm,
    prepare(directory, token, epoch) {
      try {
        prepared.set(directory, makeDirectory(directory, { ...NOT_SPECIFIED, token, epoch, bootId: readBootId() }));
      } catch {
        // `run` tries again, and has somebody to tell.
      }
    },
    async run(spec, signal) {
      const enders = [signal, closing.signal];
      let directory: string;
      try {
        directory = place(spec, prepared.get(spec.directory));
        prepared.delete(spec.directory);
      } catch (error) {
        prepared.delete(spec.directory);
        return notStarted(`Its control directory cannot be made: ${String(error)}`, enders);
      }
      const complete = {
        ...confined(spec, confiner, directory),
        env: { ...spec.env, TROUPE_OUTPUT: join(directory, "output.json"), [TOKEN_VARIABLE]: spec.token },
      };
      const { word, stop } = line.run(directory, complete);
      const onAbort = (): void => stop(stopOrder(signal));
      if (signal.aborted) onAbort();
      else signal.addEventListener("abort", onAbort, { once: true });
      const heard = await word;
      signal.removeEventListener("abort", onAbort);
      if (heard.kind === "ended") return recorded(heard.result, directory, enders);
      const verdict = await judgeDirectory(spec.directory, spec.token);
      // Where nothing began, the supervisor's end is the reason, whatever the directory can tell by itself.
      return verdict.kind === "not_started" ? notStarted(heard.reason, enders, heard.failedStarts) : verdict;
    },
    judge: judgeDirectory,
    async follow(directory, token, graceMs, signal) {
      const latest = latestDispatch(directory);
      let stopping: Promise<unknown> | null = null;
      for (;;) {
        const verdict = await decide(latest, token, sweep);
        if (verdict.kind !== "alive") {
          await stopping;
          return verdict;
        }
        if (signal.aborted) stopping ??= stopFollowed(latest, await gather(latest, token), graceMs, signal, sweep);
        await sleep(FOLLOW_MS);
      }
    },
    sweep,
    read: (directory, file, maxBytes, from) => {
      const part = readPart(join(directory, file), maxBytes, from);
      return Promise.resolve(part === null || part === "bad" ? null : part.content);
    },
    [Symbol.asyncDispose]: () => {
      closing.abort();
      line.close();
      return Promise.resolve();
    },
  };
}

/** The commands of a specification as they are really started. */
function confined(spec: ProcessSpec, confiner: Confiner, directory: string): ProcessSpec {
  const { confinement, argv, cleanup } = spec;
  if (confinement === null) return spec;
  return {
    ...spec,
    argv: confiner.confine(argv, confinement, directory),
    cleanup: cleanup && { ...cleanup, argv: confiner.confine(cleanup.argv, confinement, directory) },
  };
}

type Sweep = (token: string, graceMs: number, group?: number | null) => Promise<number>;

/** What is known of an attempt before it is on record. */
const NOT_SPECIFIED = { argv: [], cwd: "", envNames: [], deadlineAt: null, graceMs: 0 } as const;

/** The control directory of one dispatch, with its specification. */
function place(spec: ProcessSpec, prepared: string | undefined): string {
  const { token, epoch, argv, cwd, deadlineAt, graceMs } = spec;
  const file: SpecFile = { token, epoch, bootId: readBootId(), argv, cwd, envNames: Object.keys(spec.env).sort(), deadlineAt, graceMs };
  if (prepared === undefined) return makeDirectory(spec.directory, file);
  writeWhole(join(prepared, "spec.json"), JSON.stringify(file));
  return prepared;
}

/** Makes the control directory; it appears whole or not at all. */
function makeDirectory(wanted: string, file: SpecFile): string {
  const temporary = join(dirname(wanted), `.${file.token}${file.epoch}.tmp`);
  mkdirSync(temporary, { recursive: true, mode: 0o700 });
  writeFileSync(join(temporary, "spec.json"), JSON.stringify(file), { mode: 0o600 });
  for (let dispatch = 1; ; dispatch++) {
    const directory = dispatch === 1 ? wanted : `${wanted}.${dispatch}`;
    try {
      // A rename onto a directory that holds files fails, so an earlier dispatch keeps its own.
      renameSync(temporary, directory);
      return directory;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOTEMPTY" || code === "EEXIST") continue;
      rmSync(temporary, { recursive: true, force: true });
      throw error;
    }
  }
}

async function decide(directory: string, token: string, sweep: Sweep): Promise<ProcessVerdict> {
  for (;;) {
    const findings = await gather(directory, token);
    let judgement = judge(findings.evidence);
    if (judgement.kind === "revoke") judgement = judge({ ...findings.evidence, revoke: revoke(directory) ? "won" : "lost" });
    switch (judgement.kind) {
      case "record":
        void sweep(findings.token, LOST_GRACE_MS, findings.pid?.group);
        // The evidence says `valid` only with a result.
        return recorded(findings.result as ProcessResult, directory, []);
      case "alive":
        return { kind: "alive" };
      case "not_started":
        return { kind: "not_started", reason: judgement.reason };
      case "lost":
        if (judgement.sweep) await sweep(findings.token, LOST_GRACE_MS);
        return { kind: "lost", reason: judgement.reason };
      case "revoke":
      case "again":
        break;
    }
  }
}

function revoke(directory: string): boolean {
  const claim: ClaimFile = { by: "revoked", at: Date.now() };
  return createWhole(join(directory, "claim"), JSON.stringify(claim));
}

async function recorded(result: ProcessResult, directory: string, enders: readonly AbortSignal[]): Promise<ProcessVerdict> {
  const { spawnError } = result;
  if (spawnError === null || !INFRASTRUCTURE_ERRORS.has(spawnError)) return { kind: "recorded", result, directory };
  return notStarted(`The machine could not start it: ${spawnError}.`, enders);
}

/** With a pause, since whoever dispatches it again would otherwise spin. */
async function notStarted(reason: string, enders: readonly AbortSignal[], failedStarts = 0): Promise<ProcessVerdict> {
  const pauseMs = Math.min(INFRASTRUCTURE_PAUSE_MS * 2 ** failedStarts, INFRASTRUCTURE_PAUSE_MAX_MS);
  await sleep(pauseMs, undefined, { signal: AbortSignal.any([...enders]), ref: false }).catch(() => undefined);
  return { kind: "not_started", reason };
}

/** Ends an attempt whose supervisor belongs to another engine: it reads why from a file, and we send the signals ourselves. */
async function stopFollowed(directory: string, findings: Findings, graceMs: number, signal: AbortSignal, sweep: Sweep): Promise<void> {
  createWhole(join(directory, "stop"), stopOrder(signal));
  const group = findings.pid?.group ?? null;
  if (group !== null) signalProcess(-group, "SIGTERM");
  await sweep(findings.token, graceMs, group);
}

function stopOrder(signal: AbortSignal): StopOrder {
  return signal.reason === "timeout" ? "timeout" : "cancel";
}
