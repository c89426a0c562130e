import { CommanderError } from "commander";
import { expect, test } from "vitest";
import { formatAsked, toUsageError } from "./usage-error.ts";

test.each([
  [["list", "-o", "json"], {}, "json"],
  [["list", "-ojsonl"], {}, "jsonl"],
  [["list", "--output=json"], {}, "json"],
  [["list", "--output", "jsonl", "--nonsense"], {}, "jsonl"],
  [["list"], { TROUPE_OUTPUT: "json" }, "json"],
  [["list", "-o", "xml"], {}, undefined],
  [["render", "to-json"], {}, undefined],
])("%j with %j asks for %s", (words, env, format) => {
  expect(formatAsked(words, env)).toBe(format);
});

test.each([
  [
    "commander.unknownOption",
    "error: unknown option '--max-wokers'\n(Did you mean --max-workers?)",
    ["run", "x"],
    "Did you mean `--max-workers`?",
  ],
  ["commander.unknownCommand", "error: unknown command 'rnu'\n(Did you mean run?)", ["rnu"], "Did you mean `troupe run`?"],
  [
    "commander.unknownCommand",
    "error: unknown command 'relase'\n(Did you mean release?)",
    ["quarantine", "relase"],
    "Did you mean `troupe quarantine release`?",
  ],
  ["commander.missingArgument", "error: missing required argument 'file'", ["run"], "`troupe run --help` shows how it is used."],
  ["commander.unknownCommand", "error: unknown command 'nonsense'", ["nonsense"], "`troupe --help` lists the commands."],
])("%s: what is wrong and what to do are told apart", async (code, message, words, fix) => {
  const error = await toUsageError(new CommanderError(1, code, message), words);
  expect([error.code, error.fix]).toEqual(["CLI_USAGE", fix]);
  expect(error.message).not.toMatch(/Did you mean|^error/);
});

test("a group without its word lists them", async () => {
  const error = await toUsageError(new CommanderError(1, "commander.help", "(outputHelp)"), ["recover"]);
  expect(error.message).toBe("`troupe recover` needs one of its commands: list, run, all.");
});
