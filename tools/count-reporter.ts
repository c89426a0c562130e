/** Ends a test run with one plain line, `N passed, N failed`, and says loudly what was skipped. */
import type { Reporter, TestModule } from "vitest/node";

export const countReporter: Reporter = {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    for (const test of tests)
      if (test.result().state === "skipped") process.stdout.write(`SKIPPED ${test.module.relativeModuleId}: ${test.fullName}\n`);
    // A file that does not load, a failing hook and an unhandled rejection fail the run without failing a test.
    const failed = count("failed") + modules.filter(failsByItself).length + unhandledErrors.length;
    process.stdout.write(`\n${count("passed")} passed, ${failed} failed\n`);
  },
};

function failsByItself(module: TestModule): boolean {
  return module.errors().length > 0 || [...module.children.allSuites()].some((suite) => suite.errors().length > 0);
}
