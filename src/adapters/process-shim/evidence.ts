/** Reads a control directory and /proc into the evidence that `judge` weighs. */
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ProcessResult } from "../../ports/processes.ts";
import { readPlain } from "./durable.ts";
import type { Evidence } from "./judge.ts";
import { findMarked, isAlive, readBootId } from "./proc.ts";
import type { ClaimFile, PidFile, SpecFile } from "./protocol.ts";

/** A result holds no output, so a larger file is not ours. */
const RESULT_MAX_BYTES = 64 * 1024;
const SPEC_MAX_BYTES = 16 * 1024 * 1024;

export interface Findings {
  readonly evidence: Evidence;
  /** Set when the evidence says `valid`. */
  readonly result: ProcessResult | null;
  readonly pid: PidFile | null;
  /** The attempt's whole token, or what was asked for when no file tells it. */
  readonly token: string;
}

/** The directory of the latest dispatch: `3`, or `3.2` after the first of attempt 3 turned out never to have begun. */
export function latestDispatch(directory: string): string {
  const name = basename(directory);
  let latest = 1;
  try {
    for (const entry of readdirSync(dirname(directory))) {
      if (entry.startsWith(`${name}.`) && /^\d+$/.test(entry.slice(name.length + 1)))
        latest = Math.max(latest, Number(entry.slice(name.length + 1)));
    }
  } catch {
    // The parent is missing: then so is the directory, which the judge knows how to weigh.
  }
  return latest === 1 ? directory : `${directory}.${latest}`;
}

export async function gather(directory: string, token: string): Promise<Findings> {
  const spec = parseFile(readPlain(join(directory, "spec.json"), SPEC_MAX_BYTES)) as SpecFile | null; // our own file, or its fields are missed below
  if (spec === null || typeof spec.token !== "string" || !spec.token.startsWith(token)) return absent(token);
  const content = readPlain(join(directory, "result.json"), RESULT_MAX_BYTES);
  const result = parseResult(content, spec.token);
  const claim = parseClaim(readPlain(join(directory, "claim"), RESULT_MAX_BYTES));
  const pid = parsePid(readPlain(join(directory, "pid.json"), RESULT_MAX_BYTES));
  const supervisor = pid?.supervisor ?? (claim?.by === "supervisor" ? claim.supervisor : null);
  const supervisorAlive = supervisor !== null && isAlive(supervisor);
  const evidence: Evidence = {
    directory: "present",
    result: content === null ? "none" : result === null ? "bad" : "valid",
    claim: claim?.by ?? "absent",
    sameBoot: spec.bootId === readBootId(),
    supervisorAlive,
    childAlive: result === null && !supervisorAlive && (await isMarked(spec.token, pid)),
    revoke: "untried",
  };
  return { evidence, result, pid, token: spec.token };
}

function absent(token: string): Findings {
  const evidence: Evidence = {
    directory: "absent",
    result: "none",
    claim: "absent",
    sameBoot: true,
    supervisorAlive: false,
    childAlive: false,
    revoke: "untried",
  };
  return { evidence, result: null, pid: null, token };
}

async function isMarked(token: string, pid: PidFile | null): Promise<boolean> {
  if (pid !== null && isAlive(pid.child)) return true;
  return (await findMarked()).some((marked) => marked.token === token);
}

/** An empty or cut claim was begun by a supervisor: owners write theirs in one step. */
function parseClaim(content: Buffer | "bad" | null): ClaimFile | null {
  if (content === null) return null;
  const claim = parseFile(content) as Partial<ClaimFile> | null; // both members are looked at before use
  if (claim?.by === "revoked") return claim as ClaimFile & { by: "revoked" }; // told apart by its `by`
  const supervisor = (claim?.by === "supervisor" && claim.supervisor) || { pid: 0, startTicks: null, bootId: "" };
  return { by: "supervisor", supervisor };
}

function parsePid(content: Buffer | "bad" | null): PidFile | null {
  const file = parseFile(content) as Partial<PidFile> | null; // members are looked at before use
  return file !== null && typeof file.group === "number" && file.group > 1 && isIdentity(file.child) && isIdentity(file.supervisor)
    ? (file as PidFile)
    : null;
}

function isIdentity(value: unknown): boolean {
  return typeof value === "object" && value !== null && Number.isInteger((value as { pid?: unknown }).pid);
}

/** Total: whatever stands in the file, the answer is a result with our token or null. */
function parseResult(content: Buffer | "bad" | null, token: string): ProcessResult | null {
  const file = parseFile(content) as Partial<ProcessResult> | null; // members are looked at before use
  if (file === null || file.token !== token) return null;
  const isWhole =
    isNumberOrNull(file.exitCode) &&
    isTextOrNull(file.signal) &&
    isTextOrNull(file.spawnError) &&
    typeof file.startedAt === "number" &&
    typeof file.endedAt === "number" &&
    isStream(file.stdout) &&
    isStream(file.stderr) &&
    isNumberOrNull(file.outputBytes) &&
    (file.stopped === null || file.stopped === "timeout" || file.stopped === "cancel");
  return isWhole ? (file as ProcessResult) : null;
}

function isStream(value: unknown): boolean {
  const stream = value as { bytes?: unknown; sha256?: unknown; headBytes?: unknown; tailBytes?: unknown } | null | undefined;
  return (
    typeof stream?.bytes === "number" &&
    typeof stream.sha256 === "string" &&
    typeof stream.headBytes === "number" &&
    typeof stream.tailBytes === "number"
  );
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || typeof value === "number";
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === "string";
}

function parseFile(content: Buffer | "bad" | null): object | null {
  if (content === null || content === "bad") return null;
  try {
    const value: unknown = JSON.parse(content.toString("utf8"));
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
