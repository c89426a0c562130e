import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

const MIB = 1024 * 1024;

/** Half of what it makes survives its first collections, so that V8 wants a larger nursery. */
const BUSY = `
  import { getHeapSpaceStatistics } from "node:v8";
  const nursery = () => getHeapSpaceStatistics().find((space) => space.space_name === "new_space").space_size;
  const kept = [];
  async function work() {
    for (let round = 0; round < 600; round += 1) {
      kept.push(Array.from({ length: 4_000 }, (_, index) => ({ round, index })));
      if (kept.length > 400) kept.shift();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return nursery();
  }
`;

function measure(script: string, options: readonly string[] = []): number {
  const place = (module: string): string => JSON.stringify(new URL(module, import.meta.url).href);
  const names = script.includes("createTroupe")
    ? `{ createTroupe } = await import(${place("index.ts")})`
    : `{ limitNursery } = await import(${place("limit-nursery.ts")})`;
  const source = `${BUSY} const ${names}; ${script}`;
  const out = execFileSync(process.execPath, [...options, "--input-type=module", "--eval", source], { encoding: "utf8" });
  return Number(out) / MIB;
}

test("a busy thread's nursery stays at 16 MiB, or one doubling above, and grows without the limit", () => {
  expect(measure("process.stdout.write(String(await work()))")).toBeGreaterThanOrEqual(64);
  const limited = measure("using limit = limitNursery(); process.stdout.write(String(await work()))");
  expect(limited).toBeGreaterThanOrEqual(8);
  expect(limited).toBeLessThanOrEqual(32);
});

test("it lasts until the last who asked for it is done", () => {
  const two =
    "const first = limitNursery(); using second = limitNursery(); first[Symbol.dispose](); process.stdout.write(String(await work()))";
  expect(measure(two)).toBeLessThanOrEqual(32);
});

test("a size that somebody has chosen stays", () => {
  expect(measure("using limit = limitNursery(); process.stdout.write(String(await work()))", ["--max-semi-space-size=32"])).toBe(64);
});

test("a library limits the nursery of a process that it is told is its own", () => {
  const owned = "await using troupe = await createTroupe({ memory: true, ownsProcess: true }); process.stdout.write(String(await work()))";
  expect(measure(owned)).toBeLessThanOrEqual(32);
});

test("and after it V8 does as it likes", () => {
  expect(measure("limitNursery()[Symbol.dispose](); process.stdout.write(String(await work()))")).toBeGreaterThanOrEqual(64);
});
