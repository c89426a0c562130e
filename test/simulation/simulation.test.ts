/**
 * Ten thousand histories of the real kernel and the real embedded host over a simulated disk, processes, people and time (F-54).
 * The seed of a bad one is printed; `SIMULATION_SEED=n SIMULATION_COUNT=1 npx vitest run test/simulation` runs it alone.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { ALL_PROTECTIONS, type Protections } from "./disk.ts";
import { simulateAll, type Verdict } from "./simulate.ts";

const FIRST = Number(process.env.SIMULATION_SEED ?? 1);
const COUNT = Number(process.env.SIMULATION_COUNT ?? 10_000);
const TIMEOUT_MS = 240_000;
const OUTPUT_MAX_BYTES = 256 * 1024 * 1024;
const CHILD = fileURLToPath(new URL("./histories.child.ts", import.meta.url));

const seeds = (first: number, count: number): readonly number[] => Array.from({ length: count }, (_, index) => first + index);
const bad = (verdicts: readonly Verdict[]): readonly Verdict[] => verdicts.filter(({ problems }) => problems.length > 0);
const sum = (verdicts: readonly Verdict[], of: (verdict: Verdict) => number): number => verdicts.reduce((total, one) => total + of(one), 0);

describe("a simulated engine", () => {
  test(
    "keeps its promises in every history (I-1, I-2, I-10, I-12, I-43)",
    async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [CHILD, String(FIRST), String(COUNT)], {
        maxBuffer: OUTPUT_MAX_BYTES,
      });
      const verdicts = JSON.parse(stdout) as readonly Verdict[]; // What the child prints.
      expect(bad(verdicts).map(({ seed, problems }) => `seed ${seed}: ${problems.join("; ")}`)).toEqual([]);
      const figures = `${verdicts.length} histories from seed ${FIRST}: ${sum(verdicts, ({ entries }) => entries)} entries, ${sum(verdicts, ({ executions }) => executions)} executions, ${sum(verdicts, ({ crashes }) => crashes)} crashes, ${sum(verdicts, ({ takeovers }) => takeovers)} takeovers`;
      process.stdout.write(`${figures}\n`);
      if (COUNT < 1_000) return;
      // A simulation in which nothing happens proves nothing.
      expect(sum(verdicts, ({ entries }) => entries)).toBeGreaterThan(15 * COUNT);
      expect(sum(verdicts, ({ crashes }) => crashes)).toBeGreaterThan(COUNT);
      expect(sum(verdicts, ({ takeovers }) => takeovers)).toBeGreaterThan(COUNT / 10);
      expect(new Set(verdicts.flatMap(({ states }) => states))).toEqual(new Set(["succeeded", "failed", "canceled"]));
    },
    TIMEOUT_MS,
  );

  test("has one history for each seed, however often it is run", async () => {
    const fingerprints = async (): Promise<readonly (number | null)[]> =>
      (await simulateAll(seeds(500_000, 200), { withFingerprints: true })).map(({ fingerprint }) => fingerprint);
    const first = await fingerprints();
    expect(await fingerprints()).toEqual(first);
    expect(new Set(first).size).toBe(first.length);
  });
});

describe("the checker is awake (F-55)", () => {
  const without = async (protection: keyof Protections): Promise<string> => {
    const verdicts = await simulateAll(seeds(900_000, 100), { protections: { ...ALL_PROTECTIONS, [protection]: false } });
    return bad(verdicts)
      .flatMap(({ problems }) => problems)
      .join("\n");
  };

  test("an engine that acts before its commit is found out", async () => {
    expect(await without("writeAhead")).toContain("before its start was on disk (I-1)");
  });

  test("an engine that goes on writing after it was replaced is found out", async () => {
    expect(await without("fence")).toContain("(I-6)");
  });

  test("an engine that decides on a letter again and again is found out", async () => {
    expect(await without("dedupe")).toContain("was decided twice (K2)");
  });

  test("an engine that takes a living attempt for a dead one is found out", async () => {
    expect(await without("claim")).toContain("runs beside itself (I-13)");
  });
});
