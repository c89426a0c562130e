/** Finds and reads report files below a workspace. */
import { constants } from "node:fs";
import { glob, open, realpath } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { ReportFormat } from "../../plan/step-policies.ts";
import type { CoverageAnswer, ParsedTests, ReportOrder, Reports, TestsAnswer, UnusableReport } from "../../ports/reports.ts";
import { type CoveredLines, parseCoverage } from "./coverage.ts";
import { decode } from "./decode.ts";
import { parseTests, unusable } from "./parse-tests.ts";
import { sumOf } from "./tally.ts";

const FILES_MAX = 1_000;
const FILE_MAX_BYTES = 64 * 1024 ** 2;
/** The kernel stamps files with a clock that is up to a tick behind. */
const CLOCK_TICK_MS = 50;

interface FoundFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export function createReports(): Reports {
  return {
    async tests(order, format): Promise<TestsAnswer> {
      const found = await findFiles(order);
      if (!Array.isArray(found)) return found;
      const parsed: Extract<ParsedTests, { ok: true }>[] = [];
      for (const { path, bytes } of found) {
        const one = parseTests(bytes, path, format);
        if (!one.ok) return one;
        parsed.push(one);
      }
      const [first] = parsed as [(typeof parsed)[number]]; // findFiles answers with at least one.
      return { ok: true, format: first.format, counts: sumOf(parsed.map(({ counts }) => counts)), files: found.map(({ path }) => path) };
    },
    testsIn: (bytes, name, format: ReportFormat) => parseTests(bytes, name, format),
    async coverage(order): Promise<CoverageAnswer> {
      const found = await findFiles(order);
      if (!Array.isArray(found)) return found;
      let [covered, total] = [0, 0];
      for (const { path, bytes } of found) {
        const lines = coverageOf(bytes, path);
        if ("ok" in lines) return lines;
        covered += lines.covered;
        total += lines.total;
      }
      return { ok: true, covered, total, files: found.map(({ path }) => path) };
    },
  };
}

function coverageOf(bytes: Uint8Array, path: string): CoveredLines | UnusableReport {
  try {
    return parseCoverage(decode(bytes));
  } catch (thrown) {
    return unusable(thrown, path);
  }
}

/** At least one file, sorted by path, or why there is none that counts. */
async function findFiles({ root: given, pattern, notBefore }: ReportOrder): Promise<FoundFile[] | UnusableReport> {
  const refuse = (code: UnusableReport["code"], problem: string, file: string | null = null): UnusableReport => ({
    ok: false,
    code,
    problem,
    file,
    line: null,
    column: null,
  });
  try {
    if (pattern.startsWith("/") || pattern.includes("\0") || pattern.includes("\\") || pattern.split("/").includes(".."))
      return refuse("GATE_MISSING", `\`${pattern}\` is not below the workspace`);
    const root = await realpath(given);
    const paths: string[] = [];
    for await (const path of glob(pattern, { cwd: root })) {
      paths.push(path);
      if (paths.length > FILES_MAX) return refuse("GATE_UNPARSABLE", `more than ${FILES_MAX} files fit \`${pattern}\``);
    }
    const found: FoundFile[] = [];
    for (const path of paths.sort()) {
      const file = await readBelow(root, path, notBefore);
      if (typeof file === "string") return refuse(file.startsWith("it was") ? "GATE_STALE" : "GATE_UNPARSABLE", file, path);
      if (file !== null) found.push({ path, bytes: file });
    }
    return found.length > 0 ? found : refuse("GATE_MISSING", `no file fits \`${pattern}\``);
  } catch (thrown) {
    return { ...unusable(thrown, pattern), code: "GATE_MISSING" };
  }
}

/** Its bytes; null for a directory; a text says what is wrong with it. */
async function readBelow(root: string, path: string, notBefore: number | null): Promise<Uint8Array | string | null> {
  const real = await realpath(join(root, path));
  if (relative(root, real).split(sep)[0] === "..") return "a link leads out of the workspace";
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) return null;
    if (!stat.isFile()) return "it is no plain file";
    if (stat.size > FILE_MAX_BYTES) return `it has ${stat.size} bytes; a report may have ${FILE_MAX_BYTES}`;
    if (notBefore !== null && stat.mtimeMs < notBefore - CLOCK_TICK_MS)
      return `it was written at ${new Date(stat.mtimeMs).toISOString()}, before this attempt began`;
    return await file.readFile();
  } finally {
    await file.close();
  }
}
