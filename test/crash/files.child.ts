/**
 * Writes one file and is killed at the n-th call to the file system on the way: before the call, or with a part of what it writes written.
 * Ends by itself, with 0, where the way has no n-th call.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** What the test passes as the one argument. */
export interface FileOrder {
  /** `careless` is the planted failure: it writes in place. */
  readonly how: "workspace" | "whole" | "created" | "careless";
  readonly root: string;
  readonly name: string;
  readonly text: string;
  /** From 1; 0 lives. */
  readonly killedAt: number;
}

const order = JSON.parse(process.argv[2] ?? "") as FileOrder; // Written by the test.
/** Loading the writers calls the file system too, which does not count. */
let calls = Number.NEGATIVE_INFINITY;

type Call = (...given: unknown[]) => unknown;

/** `half` does a part of a call that writes. */
function dying(call: Call, half?: Call): Call {
  return function (this: unknown, ...given: unknown[]): unknown {
    calls += 1;
    if (calls !== order.killedAt) return call.apply(this, given);
    half?.apply(this, given);
    process.kill(process.pid, "SIGKILL");
    return undefined;
  };
}

function replace(holder: object, names: readonly string[], half?: Call): void {
  const calls = holder as Record<string, Call>; // The names below are those of functions.
  for (const name of names) calls[name] = dying(calls[name] as Call, half);
}

const { writeFileSync, writeSync } = fs;

// A handle's methods are found on what made it.
const handle = await fs.promises.open(import.meta.filename);
const handles = Object.getPrototypeOf(handle) as object;
await handle.close();
replace(fs, ["openSync", "closeSync", "fsyncSync", "renameSync", "linkSync", "unlinkSync"]);
replace(fs, ["writeFileSync"], (path, content) => writeFileSync(path as string, (content as string).slice(0, 1_000)));
replace(fs.promises, ["open", "mkdir", "realpath", "lstat", "rename", "unlink", "readdir", "stat"]);
replace(handles, ["sync", "chmod", "close"]);
replace(handles, ["writeFile"], function (this: unknown, content) {
  writeSync((this as { readonly fd: number }).fd, (content as Buffer).subarray(0, 1_000));
});
syncBuiltinESMExports();

const { createWorkspaceFiles } = await import("../../src/adapters/workspace-fs/workspace-files.ts");
const { createWhole, writeWhole } = await import("../../src/adapters/process-shim/durable.ts");
const { root, name, text } = order;
calls = 0;
if (order.how === "whole") writeWhole(`${root}/${name}`, text);
else if (order.how === "careless") fs.writeFileSync(`${root}/${name}`, text);
else if (order.how === "created") createWhole(`${root}/${name}`, text);
else {
  const answer = await createWorkspaceFiles().write(root, name, text);
  if (!answer.ok) throw new Error(answer.problem);
}
