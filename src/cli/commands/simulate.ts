import type { TestFile } from "../../main/workflow-test/read-tests.ts";
import { defineCommand } from "../command.ts";
import { settingsFor } from "../context.ts";
import { usage } from "../input.ts";
import { common, integer, text } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { renderTestResults } from "../render/test-results.ts";

const SEEDS_DEFAULT = 1_000;

export const simulateCommand = defineCommand({
  description:
    "Runs a workflow many times in virtual time, each with other faults: failures, losses, time-outs, slowness. Whatever breaks it is shrunk to the fewest faults. Nothing is executed.",
  arguments: [
    {
      name: "<file>",
      description: "a test file, whose cases are simulated; or a workflow, whose steps then all succeed",
      completes: "file",
    },
  ],
  options: {
    seeds: { flags: "--seeds <n>", description: `simulated runs of each case; ${SEEDS_DEFAULT} by default`, parse: integer(1, 100_000) },
    seed: { flags: "--seed <n>", description: "the first seed, to see one again", parse: integer(1) },
    fault: {
      flags: "--fault <kind>",
      description: "transient, permanent, timeout, lost, slow or cancel; may be given several times",
      parse: text,
      isMany: true,
    },
    holds: {
      flags: "--holds <condition>",
      description: "must hold at the end of every run; may be given several times",
      parse: text,
      isMany: true,
    },
    output: common.output,
  },
  examples: [
    { line: "troupe simulate deploy.troupe.yaml", meaning: "does it always come to an end?" },
    {
      line: "troupe simulate pay.test.yaml --holds \"steps.refund.status == 'succeeded' OR steps.ship.status != 'failed'\"",
      meaning: "a promise that no fault may break",
    },
  ],
  async run({ context, options, words: [file = ""] }) {
    const { output } = (await settingsFor(context, options)).values;
    const [{ isTestFile, readTests }, { runTestFile }, { declarationsOf }, { FAULTS }, { loadFile }] = await Promise.all([
      import("../../main/workflow-test/read-tests.ts"),
      import("../../main/workflow-test/run-tests.ts"),
      import("../../main/declarations.ts"),
      import("../../main/workflow-test/test-document.ts"),
      import("../load-file.ts"),
    ]);
    const stepTypes = declarationsOf([]);
    const faults = options.fault.map((given) => {
      const known = FAULTS.find((fault) => fault === given);
      if (known === undefined) throw usage(`There is no fault \`${given}\`: it is one of ${FAULTS.join(", ")}.`);
      return known;
    });
    const read: TestFile = isTestFile(file)
      ? readTests(file, stepTypes)
      : { file, workflow: await loadFile(file), document: { cases: [{ name: "every step succeeds", mocks: { "*": { output: {} } } }] } };
    const cases = read.document.cases.map((one) => {
      const { expect: _expected, ...rest } = one;
      const asked = one.simulate ?? {};
      const holds = [...(asked.holds ?? []), ...options.holds];
      return { ...rest, simulate: { ...asked, holds, ...(faults.length > 0 && { faults }) } };
    });
    const result = await runTestFile(
      { ...read, document: { ...read.document, cases } },
      { stepTypes, seeds: options.seeds ?? SEEDS_DEFAULT, isAnyEnd: true, ...(options.seed !== undefined && { firstSeed: options.seed }) },
    );
    if (output === "text") printLines(context.terminal, renderTestResults([result], context.terminal.dataLook, { isListing: false }));
    else printJson(context.terminal, result, output);
    return result.cases.every(({ problems }) => problems.length === 0) ? 0 : 1;
  },
});
