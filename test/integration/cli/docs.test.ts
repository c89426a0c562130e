import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type Command, isGroup } from "../../../src/cli/command.ts";
import { COMMANDS } from "../../../src/cli/command-table.ts";
import { EXIT } from "../../../src/cli/exit-code.ts";
import { SETTINGS } from "../../../src/cli/setting.ts";
import { type CatalogueEntry, catalogue } from "../../../src/core/catalogue.ts";
import { createFolder } from "./in-process.ts";

const DOCS = readFileSync("docs/cli.md", "utf8");

/** By its words; groups, which have no options of their own, are left out. */
const commands = new Map<string, Command>();

beforeAll(async () => {
  for (const { name, load } of COMMANDS) {
    const command = await load();
    if (!isGroup(command)) commands.set(name, command);
    else for (const [word, subcommand] of Object.entries(command.subcommands)) commands.set(`${name} ${word}`, subcommand);
  }
});

/** `### troupe run` up to the next heading. */
function sections(): ReadonlyMap<string, string> {
  return new Map(
    DOCS.split(/^### troupe /m)
      .slice(1)
      .map((text) => [text.split("\n", 1)[0] ?? "", text]),
  );
}

const flagsOf = (command: Command): readonly string[] => Object.values(command.options).map(({ flags }) => flags);
const flagsIn = (section: string): readonly string[] => [...section.matchAll(/^\| `(-[^`]+)` \|/gm)].map(([, flags = ""]) => flags);

describe("docs/cli.md and the command agree", () => {
  test("every command has a section, and every section a command", () => {
    const groups = COMMANDS.map(({ name }) => name).filter((name) => !commands.has(name));
    expect([...sections().keys()].sort()).toEqual([...commands.keys(), ...groups].sort());
  });

  test("every option is documented, and nothing else", () => {
    for (const [name, command] of commands) expect([name, flagsIn(sections().get(name) ?? "")]).toEqual([name, flagsOf(command)]);
  });

  test("every option and argument is in the help", async () => {
    using folder = createFolder();
    for (const [name, command] of commands) {
      const { code, out } = await folder.run([...name.split(" "), "--help"]);
      expect([name, code]).toEqual([name, 0]);
      for (const flags of flagsOf(command)) expect([name, out]).toEqual([name, expect.stringContaining(flags)]);
      for (const { name: argument } of command.arguments) expect(out).toContain(argument.replace(/[<>[\].]/g, ""));
      for (const { line } of command.examples) expect(out).toContain(line);
    }
  });

  test("every command shows an example", () => {
    for (const [name, { examples }] of commands) expect([name, examples.length > 0]).toEqual([name, true]);
  });

  test("an option's key is the name that its value arrives under", () => {
    for (const [name, { options }] of commands) {
      for (const [key, { flags }] of Object.entries(options)) {
        const long = /--([a-z-]+)/.exec(flags)?.[1] ?? "";
        expect([name, key]).toEqual([name, long.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())]);
      }
    }
  });

  test("advice names only options that exist", () => {
    const known = new Set([
      "--help",
      "--version",
      ...[...commands.values()].flatMap(flagsOf).flatMap((flags) => flags.match(/--[a-z-]+/g) ?? []),
    ]);
    const named = Object.values<CatalogueEntry>(catalogue).flatMap(
      ({ message, fix = "" }) => `${message} ${fix}`.match(/--[a-z-]+/g) ?? [],
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((flag) => !known.has(flag))).toEqual([]);
  });

  test("every setting and exit code is documented", () => {
    for (const [name, { variable, default: value, description }] of Object.entries(SETTINGS)) {
      expect(DOCS).toContain(`| \`${name}\` | \`${variable}\` | ${value === "" ? "" : `\`${value}\` `}| ${description} |`);
    }
    for (const code of Object.values(EXIT)) expect(DOCS).toMatch(new RegExp(`^\\| ${code} \\| `, "m"));
  });

  test("the overview lists every command, and help of a command is help for it", async () => {
    using folder = createFolder();
    const { code, out } = await folder.run([]);
    expect(code).toBe(0);
    for (const { name, summary } of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${name} +${summary.replaceAll(/[.?(),]/g, ".")}`, "m"));
    expect((await folder.run(["help", "run"])).out).toBe((await folder.run(["run", "--help"])).out);
    expect((await folder.run(["--version"])).out).toBe("0.0.0\n");
  });

  test("completion knows every command and option", async () => {
    using folder = createFolder();
    for (const shell of ["bash", "zsh", "fish"]) {
      const { out } = await folder.run(["completion", shell]);
      for (const { name } of COMMANDS) expect(out).toContain(name);
      expect(out).toContain(shell === "fish" ? "-l max-workers" : "--max-workers");
    }
  });
});
