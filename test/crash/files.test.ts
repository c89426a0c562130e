/**
 * I-32: the writer of a file is killed at each call on its way, between two calls or in the middle of a write. Whoever reads the file then
 * finds what was there before or all that was written; what is left beside it is a `*.tmp`, which nobody reads and which goes away.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { FileOrder } from "./files.child.ts";

const BEFORE = "before ".repeat(2_000);
const AFTER = "after ".repeat(3_000);
const CALLS_MAX = 40;

async function live(order: FileOrder): Promise<"ended" | "killed"> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "files.child.ts"), JSON.stringify(order)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code, signal] = await once(child, "exit");
  if (code !== 0 && signal !== "SIGKILL") throw new Error(`the writer ended with ${code}`);
  return code === 0 ? "ended" : "killed";
}

const read = (path: string): string | null => (existsSync(path) ? readFileSync(path, "utf8") : null);

test.each<readonly [FileOrder["how"], string, string | null, atLeast: number]>([
  ["workspace", "reports/deep/file.txt", null, 10],
  ["workspace", "file.txt", BEFORE, 8],
  ["whole", "spec.json", null, 2],
  ["whole", "spec.json", BEFORE, 2],
  ["created", "claim", null, 3],
  ["created", "claim", BEFORE, 3],
])("a %s file %s is never read half, wherever its writer is killed (I-32)", { timeout: 300_000 }, async (how, name, before, atLeast) => {
  const roots = mkdtempSync(join(tmpdir(), "troupe-killed-"));
  onTestFinished(() => rmSync(roots, { recursive: true, force: true }));
  const seen = new Set<string>();
  let calls = 0;
  for (; calls < CALLS_MAX; calls++) {
    const root = join(roots, String(calls));
    mkdirSync(root);
    const path = join(root, name);
    if (before !== null) writeFileSync(path, before);
    const order: FileOrder = { how, root, name, text: AFTER, killedAt: calls + 1 };
    const end = await live(order);
    const found = read(path);
    expect([before, AFTER], `call ${calls + 1}`).toContain(found);
    seen.add(found === before ? "before" : "after");
    const left = (): string[] => (existsSync(dirname(path)) ? readdirSync(dirname(path)).filter((one) => one !== basename(path)) : []);
    for (const one of left()) expect(one).toMatch(end === "ended" ? /^$/ : /\.tmp$|^deep$/);
    // The next writer is not hindered, and what was left is gone when it is old enough for nobody to be at work on it.
    for (const one of left()) utimesSync(join(dirname(path), one), 0, 0);
    expect(await live({ ...order, killedAt: 0 })).toBe("ended");
    expect(read(path)).toBe(how === "created" && found !== null ? found : AFTER);
    if (how !== "created") expect(left()).toEqual([]);
    if (end === "ended") break;
  }
  expect(calls).toBeGreaterThanOrEqual(atLeast);
  expect(calls).toBeLessThan(CALLS_MAX);
  expect([...seen].sort()).toEqual(how === "created" && before !== null ? ["before"] : ["after", "before"]);
});

test("a writer that writes in place is found out", async () => {
  const root = mkdtempSync(join(tmpdir(), "troupe-killed-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  expect(await live({ how: "careless", root, name: "file", text: AFTER, killedAt: 1 })).toBe("killed");
  expect([null, AFTER]).not.toContain(read(join(root, "file")));
});
