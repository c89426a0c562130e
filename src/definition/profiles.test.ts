import { describe, expect, test } from "vitest";
import { DefinitionErrors } from "../core/errors.ts";
import { parseProfiles } from "./profiles.ts";

/** `code line:column message → fix` of everything that is wrong. */
function problemsOf(text: string): readonly string[] {
  try {
    parseProfiles(text, "profiles.yaml");
    return [];
  } catch (thrown) {
    if (!(thrown instanceof DefinitionErrors)) throw thrown;
    return thrown.errors.map(({ code, place, message, fix }) => `${code} ${place?.line}:${place?.column} ${message} → ${fix ?? ""}`);
  }
}

const profile = (...lines: string[]): string => `profiles:\n  mine:\n${lines.map((line) => `    ${line}\n`).join("")}`;

describe("a profile file", () => {
  test("names profiles, each narrower than the one above it", () => {
    const text =
      "profiles:\n  base: { extends: restricted, commands: [bash, git], max_attempt: 10m, limits: { memory: 1GiB } }\n" +
      "  tight: { extends: base, commands: [bash, curl], max_attempt: 1h, limits: { memory: 2GiB, cpu: 90s } }\n";
    expect(parseProfiles(text, "profiles.yaml").tight).toMatchObject({
      name: "tight",
      commands: ["bash"],
      maxAttemptMs: 600_000,
      sandbox: "restricted",
      limits: { memoryBytes: 2 ** 30, cpuSeconds: 90, openFiles: 4_096 },
    });
  });

  test("cannot widen what it extends", () => {
    const text = profile("extends: sandboxed", "sandbox: none", "network: true", "limits: { memory: 64GiB }");
    expect(parseProfiles(text, "profiles.yaml").mine).toMatchObject({
      sandbox: "sandboxed",
      network: false,
      limits: { memoryBytes: 8 * 2 ** 30 },
    });
  });

  test.each([
    ["a key that is nearly one", profile("comands: [bash]"), "`profiles.mine` has no key `comands`. → Did you mean `commands`?"],
    ["a limit that is nearly one", profile("limits: { memroy: 1GiB }"), "→ Did you mean `memory`?"],
    ["a sandbox that is none", profile("sandbox: jail"), "is not one of"],
    ["a text where a list is wanted", profile("commands: bash"), "is not of type array"],
    ["a built-in name", "profiles: { open: {} }", "`open` is a built-in profile. → Give yours another name."],
    ["a name that is no word", "profiles: { 'a b': {} }", "Name 'a b' is not allowed"],
    ["a base that stands below", "profiles: { mine: { extends: b }, b: {} }", "There is no profile `b` above `mine`."],
    ["itself as its base", profile("extends: mine"), "There is no profile `mine` above `mine`."],
    ["a part of every object as its base", profile("extends: constructor"), "There is no profile `constructor` above `mine`."],
    ["a part of every object as a name", "profiles: { __proto__: {} }", "`__proto__` is not allowed"],
    ["a size without a unit", profile("sandbox: restricted", "limits: { memory: 1000 }"), "is not of type string"],
    ["a size of nothing", profile("sandbox: restricted", "limits: { memory: 0MiB }"), "`0MiB` is no size to hold to."],
    ["a size beyond numbers", profile("sandbox: restricted", `limits: { file_size: ${"9".repeat(30)}GiB }`), "is no size to hold to."],
    ["a time that cannot be read", profile("max_attempt: soon"), "`soon` is no time limit. → Write it as `90s`, `15m` or `2h`."],
    ["a time of nothing", profile("max_attempt: 0"), "`0` is no time limit."],
    ["a limit that cannot be read", profile("sandbox: restricted", "limits: { cpu: long }"), "`long` is no time limit."],
    ["half a process", profile("sandbox: restricted", "limits: { processes: 0.5 }"), "is not of type integer"],
    ["limits that nothing keeps", profile("limits: { processes: 5 }"), "`limits` need a sandbox. → Add `sandbox: restricted`."],
    ["no network, which nothing keeps", profile("extends: restricted", "network: false"), "→ Add `sandbox: sandboxed`."],
    ["a way out of the workspace", profile("writable: [out, ../home]"), "`../home` does not lie below the workspace."],
    ["an absolute directory", profile("writable: [/etc]"), "`/etc` does not lie below the workspace."],
    ["nothing", "", "The file is empty."],
    ["no YAML", "[", "DEF_SYNTAX"],
  ])("that has %s is refused as a whole, with a place", (_what, text, problem) => {
    expect(problemsOf(text).join("\n")).toContain(problem);
    expect(problemsOf(text)).toEqual(problemsOf(text).filter((line) => / \d+:\d+ /.test(line)));
  });
});
