import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { list, literal, makeStep, text } from "../../test/support/attempts.ts";
import {
  BUILT_IN_PROFILES,
  both,
  coversHost,
  deniedBy,
  deniedHost,
  deniedPath,
  NO_LIMITS,
  SANDBOX_LEVELS,
  type SecurityProfile,
} from "./profile.ts";
import type { CompiledStep } from "./workflow.ts";

const open = BUILT_IN_PROFILES.open as SecurityProfile; // A built-in one.
const profile = (parts: Partial<SecurityProfile>): SecurityProfile => ({ ...open, name: "p", ...parts });
const messages = (parts: Partial<SecurityProfile>, step: CompiledStep): readonly string[] =>
  deniedBy(profile(parts), { env: {} }, step).map(({ field }) => field);

const someOf = (values: readonly string[]): fc.Arbitrary<readonly string[] | null> => fc.option(fc.subarray([...values]), { freq: 3 });
const limit = fc.option(fc.integer({ min: 1, max: 9 }), { freq: 3 });
const anyProfile: fc.Arbitrary<SecurityProfile> = fc.record({
  name: fc.constantFrom("a", "b"),
  stepTypes: someOf(["shell", "webhook", "template"]),
  commands: someOf(["bash", "make"]),
  env: someOf(["CI", "CI_*", "*", "PATH"]),
  hosts: someOf(["example.org", "*.example.org", "api.example.org"]),
  writable: someOf([".", "build", "build/out"]),
  maxAttemptMs: limit,
  sandbox: fc.constantFrom(...SANDBOX_LEVELS),
  limits: fc.record({ memoryBytes: limit, cpuSeconds: limit, processes: limit, openFiles: limit, fileBytes: limit }),
  network: fc.boolean(),
});
const anyStep: fc.Arbitrary<CompiledStep> = fc
  .record({
    type: fc.constantFrom("shell", "webhook", "template"),
    url: fc.constantFrom("https://example.org/", "http://api.example.org:8080/x", "https://evil.org"),
    path: fc.constantFrom("build/a", "build/out/b", "src/c", "../d"),
    env: fc.constantFrom("CI", "CI_JOB", "PATH", "SECRET"),
    timeout: fc.option(fc.integer({ min: 1, max: 9 })),
  })
  .map(({ type, url, path, env, timeout }) =>
    makeStep(
      type,
      type === "webhook" ? { url: literal(url) } : type === "template" ? { path: literal(path) } : { run: literal("true") },
      // biome-ignore lint/suspicious/noThenProperty: the policy's own name for what follows a time-out
      { env: { [env]: literal("x") }, timeout: timeout === null ? null : { afterMs: timeout, then: "fail", value: null, graceMs: 0 } },
    ),
  );

describe("two profiles together", () => {
  test("allow exactly what both allow", () => {
    fc.assert(
      fc.property(anyProfile, anyProfile, anyStep, (one, other, step) => {
        const isAllowed = (given: SecurityProfile): boolean => deniedBy(given, { env: {} }, step).length === 0;
        expect(isAllowed(both(one, other))).toBe(isAllowed(one) && isAllowed(other));
      }),
      { numRuns: 2_000 },
    );
  });

  test("are never weaker than either, and it does not matter which comes first", () => {
    fc.assert(
      fc.property(anyProfile, anyProfile, (one, other) => {
        const [left, right] = [both(one, other), both(other, one)];
        const level = SANDBOX_LEVELS.indexOf(left.sandbox);
        expect(level).toBe(Math.max(SANDBOX_LEVELS.indexOf(one.sandbox), SANDBOX_LEVELS.indexOf(other.sandbox)));
        expect(left.network).toBe(one.network && other.network);
        for (const name of Object.keys(NO_LIMITS) as (keyof typeof NO_LIMITS)[]) {
          const wanted = [one.limits[name], other.limits[name]].filter((value) => value !== null);
          expect(left.limits[name]).toBe(wanted.length === 0 ? null : Math.min(...wanted));
        }
        expect({ ...right, name: "" }).toEqual({
          ...left,
          name: "",
          stepTypes: right.stepTypes,
          commands: right.commands,
          env: right.env,
          hosts: right.hosts,
          writable: right.writable,
        });
      }),
    );
  });
});

describe("a profile", () => {
  test("names what a step may not be, start, set, call, write or take", () => {
    expect(messages({ stepTypes: ["assert"] }, makeStep("shell", { run: literal("x") }))).toEqual(["type"]);
    expect(messages({ commands: ["make"] }, makeStep("shell", { run: literal("make") }))).toEqual(["run"]);
    expect(messages({ commands: ["make"] }, makeStep("shell", { args: list(literal("/usr/bin/make"), literal("all")) }))).toEqual([]);
    expect(messages({ commands: ["make"] }, makeStep("shell", { args: list(text("{{ input.x }}")) }))).toEqual(["args"]);
    expect(
      messages({ env: ["CI_*"] }, makeStep("shell", { run: literal("x") }, { env: { CI_JOB: literal(1), PATH: literal("") } })),
    ).toEqual(["env"]);
    expect(messages({ hosts: ["a.org"] }, makeStep("webhook", { url: literal("https://b.org/a.org") }))).toEqual(["url"]);
    expect(messages({ writable: ["build"] }, makeStep("template", { path: literal("build/../src/x") }))).toEqual(["path"]);
    expect(messages({ maxAttemptMs: 5 }, makeStep("shell", { run: literal("x") }))).toEqual(["timeout"]);
    expect(messages({ maxAttemptMs: 5 }, makeStep("assert", {}))).toEqual([]);
  });

  test("judges hosts by the host alone", () => {
    const hosts = profile({ hosts: ["api.example.org"] });
    const allowed = (url: string): boolean => deniedHost(hosts, url).length === 0;
    expect(allowed("https://API.example.org:8443/x")).toBe(true);
    for (const url of [
      "https://api.example.org@evil.org/",
      "https://evil.org/?api.example.org",
      "https://evil.org#@api.example.org",
      "api.example.org",
      "//api.example.org/",
    ])
      expect([url, allowed(url)]).toEqual([url, false]);
    expect(coversHost("*.example.org", "example.org")).toBe(false);
    expect(coversHost("*.example.org", "a.b.example.org")).toBe(true);
    expect(coversHost("*.example.org", "evilexample.org")).toBe(false);
  });

  test("lets no path lead out of what may be written", () => {
    const denied = (path: string): number => deniedPath(profile({ writable: ["build"] }), path).length;
    expect(["build", "build/a", "./build//b"].map(denied)).toEqual([0, 0, 0]);
    expect(["builds/a", "/build/a", "build/../x", "a\\b", ""].map(denied)).toEqual([1, 1, 1, 1, 1]);
  });
});
