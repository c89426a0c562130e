import { defineConfig } from "vitest/config";
import { countReporter } from "./tools/count-reporter.ts";

/** Whole commands, one process after the other: a project of their own, so that `npm test` stays below three minutes. */
const commands = ["test/integration/{cli,tools}/**/*.test.ts", "test/integration/steps/agent*.test.ts"];
/** Thousands of damaged files and ten thousand items, beside the real kills. */
const large = ["test/conformance/store-sqlite.tamper.test.ts", "test/integration/api/large-runs.test.ts"];
const outside = ["**/node_modules/**", "dist/**", "bench/**", "peers/**", "coverage/**", "test/canary/**", "examples/*/project/**"];

export default defineConfig({
  test: {
    // Processes, not threads: signals, working directories and native handles belong to a process.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    restoreMocks: true,
    unstubEnvs: true,
    // A filter that matches nothing is an error, not a success.
    passWithNoTests: false,
    reporters: ["default", countReporter],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          // A process for many files: starting one for each cost a third of the time. Files leave nothing behind, in whatever order they come.
          isolate: false,
          include: ["**/*.test.ts"],
          exclude: [...outside, ...commands, ...large, "test/{crash,browser,postgres,observability,git}/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "crash",
          include: ["test/crash/**/*.test.ts", ...large],
          exclude: outside,
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
      { extends: true, test: { name: "commands", include: commands, exclude: outside, testTimeout: 60_000 } },
      {
        extends: true,
        // Git starts a process for everything, and repositories are drawn by the dozen.
        test: { name: "git", include: ["test/git/**/*.test.ts"], exclude: outside, testTimeout: 300_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: { name: "observability", include: ["test/observability/**/*.test.ts"], exclude: outside, testTimeout: 180_000 },
      },
      {
        extends: true,
        test: { name: "browser", include: ["test/browser/**/*.test.ts"], exclude: outside, testTimeout: 60_000, hookTimeout: 60_000 },
      },
    ],
    coverage: {
      provider: "v8",
      // Without this list a file that no test loads would be missing from the figures instead of counting as 0 %.
      include: ["src/**/*.ts", "actors/**/*.ts", "grammar/**/*.ts", "observability/**/*.ts"],
      exclude: ["**/*.test.ts", "**/*.suite.ts", "**/*.generated.ts"],
      reporter: ["text", "json-summary"],
      thresholds: {
        // Not 100 for branches: the fallback of an index that is always in range (`list[i] ?? 0`) cannot be reached.
        "{src/{core,expression,plan,kernel},grammar,actors}/**": { lines: 100, functions: 100, statements: 100, branches: 90 },
        "src/{runtime,hosts}/**": { lines: 95, branches: 95, functions: 95, statements: 95 },
        "src/adapters/**": { lines: 85, branches: 85, functions: 85, statements: 85 },
      },
    },
  },
});
