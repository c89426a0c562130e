import { globSync } from "node:fs";
import { watch } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { FileResult } from "../../main/workflow-test/run-tests.ts";
import { ciOption, inCi } from "../ci/in-ci.ts";
import { defineCommand } from "../command.ts";
import { type Context, settingsFor } from "../context.ts";
import { usage } from "../input.ts";
import { common, integer, text } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { coveredShare, renderTestResults } from "../render/test-results.ts";

/** Changes that come together, such as those of an editor that writes twice, are one. */
const SETTLE_MS = 100;

export const testCommand = defineCommand({
  description:
    "Runs the tests of workflows: cases with inputs, mocks in place of steps, and what must come of them. Time is virtual, nothing is executed and nothing is written.",
  arguments: [
    { name: "[file...]", description: "test files; by default every *.test.yaml below the working directory", completes: "file" },
  ],
  options: {
    only: { flags: "--only <text>", description: "cases whose name contains this", parse: text },
    junit: { flags: "--junit <file>", description: "also write the results as JUnit XML", parse: text },
    seeds: { flags: "--seeds <n>", description: "simulated runs of every case, whatever it says; 0 for none", parse: integer(0, 100_000) },
    minCoverage: { flags: "--min-coverage <percent>", description: "fail when fewer transitions are covered", parse: integer(0, 100) },
    missed: { flags: "--missed", description: "list the transitions that no case covers" },
    watch: { flags: "-w, --watch", description: "run again when a test or its workflow changes" },
    ...ciOption,
    output: common.output,
  },
  examples: [
    { line: "troupe test", meaning: "every test below this folder" },
    { line: "troupe test deploy.test.yaml --only rollback --missed", meaning: "some cases, and what they leave out" },
    { line: "troupe test --ci --junit results.xml --min-coverage 80", meaning: "in CI" },
  ],
  run: ({ context: outside, options, words }) =>
    inCi(outside, options, async (context) => {
      if (options.ci && options.watch) throw usage("--watch waits for changes, and nothing changes in a CI job.");
      const { output } = (await settingsFor(context, options)).values;
      const files =
        words.length > 0 ? words : globSync("**/*.test.yaml", { cwd: context.cwd, exclude: ["**/node_modules/**", "**/.troupe/**"] });
      if (files.length === 0) throw usage("There is no test here. A test is a file such as `name.test.yaml` beside its workflow.");
      const once = async (): Promise<number> => {
        const results = await runAll(files.toSorted(), options);
        if (options.only !== undefined && results.every(({ cases }) => cases.length === 0))
          throw usage(`No case has \`${options.only}\` in its name.`, "Without --only every case runs, each with its name.");
        if (options.junit !== undefined) await writeJUnit(resolve(context.cwd, options.junit), results);
        for (const { file, cases } of results)
          for (const { name, problems } of cases.filter((one) => one.problems.length > 0))
            context.ci?.remark({ severity: "error", title: `test ${name}`, message: problems.join("\n") }, { file, line: 1, column: 1 });
        if (output === "text")
          printLines(
            context.terminal,
            renderTestResults(results, context.terminal.dataLook, { isListing: options.missed, minCoverage: options.minCoverage }),
          );
        else printJson(context.terminal, { ok: isOk(results, options.minCoverage), files: results }, output);
        return isOk(results, options.minCoverage) ? 0 : 1;
      };
      const code = await once();
      if (!options.watch) return code;
      await watchFiles(context, files, once);
      return 0;
    }),
});

interface RunFlags {
  readonly only?: string | undefined;
  readonly seeds?: number | undefined;
}

async function runAll(files: readonly string[], { only, seeds }: RunFlags): Promise<readonly FileResult[]> {
  const [{ readTests }, { runTestFile }, { declarationsOf }] = await Promise.all([
    import("../../main/workflow-test/read-tests.ts"),
    import("../../main/workflow-test/run-tests.ts"),
    import("../../main/declarations.ts"),
  ]);
  const stepTypes = declarationsOf([]);
  const tests = files.map((file) => readTests(file, stepTypes));
  return Promise.all(
    tests.map((test) => runTestFile(test, { stepTypes, ...(only !== undefined && { only }), ...(seeds !== undefined && { seeds }) })),
  );
}

function isOk(results: readonly FileResult[], minCoverage = 0): boolean {
  const isCovered = results.every(({ coverage }) => coveredShare(coverage) >= minCoverage);
  return isCovered && results.every(({ cases }) => cases.every(({ problems }) => problems.length === 0));
}

async function writeJUnit(file: string, results: readonly FileResult[]): Promise<void> {
  const [{ writeFile }, { toJUnit }] = await Promise.all([import("node:fs/promises"), import("../../main/workflow-test/junit.ts")]);
  await writeFile(file, toJUnit(results));
}

/** Until the command is interrupted. A test that cannot be read is told, and tried again with the next change. */
async function watchFiles({ terminal }: Context, files: readonly string[], again: () => Promise<number>): Promise<void> {
  const changes = [...new Set(files.map((file) => dirname(file)))].map(async (directory) => {
    let last = 0;
    for await (const { filename } of watch(directory)) {
      if (filename === null || !/\.(?:ya?ml|json|txt|md|tmpl)$/.test(filename) || Date.now() - last < SETTLE_MS) continue;
      last = Date.now();
      try {
        await again();
      } catch (thrown) {
        terminal.note(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
      }
    }
  });
  await Promise.all(changes);
}
