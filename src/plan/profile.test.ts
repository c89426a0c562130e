import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { list, literal, makeStep, map, text } from "../../test/support/attempts.ts";
import { BUILT_IN_PROFILES, both, deniedBy, deniedHost, deniedPath, NO_LIMITS, programsOf, type SecurityProfile } from "./profile.ts";
import type { CompiledStep } from "./workflow.ts";

const OPEN = BUILT_IN_PROFILES.open as SecurityProfile; // it is built in

function denials(differs: Partial<SecurityProfile>, step: CompiledStep): readonly string[] {
  return deniedBy({ ...OPEN, name: "mine", ...differs }, { env: {} }, step).map(({ field, message }) => `${field}: ${message}`);
}

describe("two profiles together", () => {
  const names = (...all: string[]) => fc.option(fc.uniqueArray(fc.constantFrom(...all), { maxLength: 4 }));
  const profiles = fc.record({
    name: fc.constantFrom("a", "b"),
    stepTypes: names("shell", "agent"),
    commands: names("bash", "git"),
    env: names("A", "A_*", "B", "*"),
    hosts: names("example.org", "*.example.org", "*.a.example.org"),
    writable: names(".", "out", "out/deep"),
    maxAttemptMs: fc.option(fc.integer({ min: 1, max: 9 })),
    sandbox: fc.constantFrom("none", "restricted", "sandboxed"),
    limits: fc.constant(NO_LIMITS),
    network: fc.boolean(),
  }) as fc.Arbitrary<SecurityProfile>; // its texts are those of the type
  // Of a time limit only its length is read.
  const steps = [
    makeStep("shell", { run: text("true") }, { env: { A_1: literal("") } }),
    makeStep("shell", { args: list(literal("/usr/bin/git")) }, { timeout: { afterMs: 5 } as never }),
    makeStep("agent", { prompt: text("Go.") }, { env: { B: literal("") } }),
    makeStep("webhook", { url: literal("https://x.a.example.org/") }),
    makeStep("template", { path: literal("out/deep/file") }),
  ];

  test("allow exactly what both allow, in either order", () => {
    fc.assert(
      fc.property(profiles, profiles, (one, other) => {
        for (const step of steps) {
          const isAllowed = (profile: SecurityProfile): boolean => deniedBy(profile, { env: {} }, step).length === 0;
          expect(isAllowed(both(one, other))).toBe(isAllowed(one) && isAllowed(other));
          expect(isAllowed(both(other, one))).toBe(isAllowed(one) && isAllowed(other));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("programs", () => {
  const programs = (step: CompiledStep): readonly string[] => programsOf(step).map(({ field, program }) => `${field} ${program}`);

  test("are those that a step names, its interpreter where it is a script", () => {
    expect(programs(makeStep("shell", { run: text("curl x") }))).toEqual(["run bash"]);
    expect(programs(makeStep("shell", { run: text("x"), shell: literal("/usr/bin/python3 -I") }))).toEqual(["run python3"]);
    expect(programs(makeStep("shell", { run: text("x"), shell: literal(["/bin/sh", "-eu"]) }))).toEqual(["run sh"]);
    expect(programs(makeStep("shell", { args: list(literal("/usr/bin/git"), text("{{ input.x }}")) }))).toEqual(["args git"]);
    expect(programs(makeStep("shell", { args: list(text("{{ input.x }}")) }))).toEqual(["args a program that a value names"]);
  });

  test("of cleanup scripts and of agents' own commands count too", () => {
    expect(programs(makeStep("shell", { args: literal(["git"]), cleanup: text("x") }))).toEqual(["args git", "cleanup bash"]);
    expect(programs(makeStep("agent", { custom: literal({ command: ["/opt/mine", "x"] }) }))).toEqual(["custom.command mine"]);
    expect(programs(makeStep("agent", { custom: map({ command: list(literal("mine"), text("{{ input.x }}")) }) }))).toEqual([
      "custom.command mine",
    ]);
    expect(programs(makeStep("agent", { agent: literal("codex") }))).toEqual([]);
  });

  test("that are not listed are denied where they are named", () => {
    const step = makeStep("shell", { args: literal(["git"]), cleanup: text("x") });
    expect(denials({ commands: ["git"] }, step)).toEqual(["cleanup: The profile `mine` does not allow `bash`."]);
  });
});

describe("hosts", () => {
  const mine: SecurityProfile = { ...OPEN, name: "mine", hosts: ["api.example.org", "*.safe.org"] };
  const isDenied = (url: string): boolean => deniedHost(mine, url).length > 0;

  test("are compared as a whole, without port, user and case", () => {
    for (const url of ["https://api.example.org", "HTTP://API.Example.ORG:8080/x", "https://u:p@api.example.org/", "https://a.safe.org?x"])
      expect(isDenied(url), url).toBe(false);
  });

  test.each([
    "https://safe.org/",
    "https://api.example.org.evil.test/",
    "https://evil.test/api.example.org",
    "https://evil.test?@api.example.org",
    "https://evil.test#@api.example.org",
    "https://api.example.org@evil.test/",
    "https://evil.test\\@api.example.org/",
    "https://evil.test\\.safe.org/",
    "https:\\\\evil.test",
    "https:/evil.test",
    "https://evil\t.test/",
    "https://[::1]/",
    "",
  ])("that only look like one are denied: %j (S-19)", (url) => {
    expect(isDenied(url)).toBe(true);
  });

  test("that an answer chooses are denied", () => {
    const step = (redirects: object | number) =>
      makeStep("webhook", { url: literal("https://api.example.org"), redirects: literal(redirects as never) });
    expect(denials({ hosts: ["api.example.org"] }, step({ max: 3, other_origins: true }))).toHaveLength(1);
    expect(denials({ hosts: ["api.example.org"] }, step({ max: 3 }))).toEqual([]);
    expect(denials({ hosts: ["api.example.org"] }, step(3))).toEqual([]);
  });
});

test.each(["/etc/passwd", "../x", "out/../../x", "outer/x", "out\\x", "out\0"])("%j is not below `out` (S-15)", (path) => {
  expect(deniedPath({ ...OPEN, writable: ["out"] }, path)).toHaveLength(1);
});
