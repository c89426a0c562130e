/**
 * S-1: whatever expression somebody writes, it is a JSON value or a typed error, in bounded time, and nothing outside of it changes.
 * `npm test` tries ten thousand; `FUZZ_RUNS=1000000 npx vitest run --project unit test/fuzz` the million that the rule asks for (some
 * minutes). The expressions are numbered: `FUZZ_SEED=n FUZZ_RUNS=1` repeats the one that a failure names.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseExpression } from "../../grammar/parse.ts";
import { DefinitionError } from "../../src/core/errors.ts";
import { findNotJson } from "../../src/core/not-json.ts";
import { evaluate } from "../../src/expression/evaluate.ts";
import { scopeOf } from "../../src/expression/scope.ts";
import { createDraw } from "../crash/draw.ts";
import { generateExpression } from "./generate-expression.ts";

const RUNS = Number(process.env.FUZZ_RUNS ?? 10_000);
const FIRST = Number(process.env.FUZZ_SEED ?? 1);
/** S-1 in milliseconds of the thread's own time: a machine that does a lot besides does not count. */
const CPU_MAX_MS = 50;

const input: unknown = JSON.parse(
  '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}, "text": "{{ 7*7 }}", "list": [3, "a", null, {"k": [1, 2]}]}',
);
const record = {
  input,
  list: Array.from({ length: 200 }, (_, index) => ({ k: index % 7, name: `n${index}`, constructor: index })),
  item: { value: 1, toString: "own" },
  name: "a".repeat(2_000),
  deep: Array.from({ length: 60 }).reduce<unknown>((value) => [value], 1),
  steps: { a: { output: { n: 1 }, status: "succeeded" } },
};

/** Everything that escapes of other engines were after, with what each of their members was. */
function intrinsics(): ReadonlyMap<object, ReadonlyMap<PropertyKey, PropertyDescriptor>> {
  const makers = [Object, Function, Array, String, Number, Boolean, Symbol, BigInt, Error, RegExp, Date, Promise, Map, Set, WeakMap];
  const roots: object[] = [globalThis, process, process.env, JSON, Math, Reflect, Intl, record, record.item, input as object];
  for (const maker of makers) roots.push(maker, maker.prototype as object);
  return new Map(roots.map((root) => [root, new Map(Reflect.ownKeys(root).map((key) => [key, descriptorOf(root, key)]))]));
}

function descriptorOf(of: object, key: PropertyKey): PropertyDescriptor {
  return Object.getOwnPropertyDescriptor(of, key) ?? {};
}

function changesSince(before: ReturnType<typeof intrinsics>): readonly string[] {
  const changes: string[] = [];
  for (const [root, members] of before) {
    const keys = new Set([...members.keys(), ...Reflect.ownKeys(root)]);
    for (const key of keys) {
      const [was, is] = [members.get(key) ?? {}, descriptorOf(root, key)];
      const isSame = (["value", "get", "set", "writable", "configurable"] as const).every((part) => Object.is(was[part], is[part]));
      if (!isSame) changes.push(String(key));
    }
  }
  return changes;
}

const children = (): string => readFileSync(`/proc/self/task/${process.pid}/children`, "utf8");
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

type Verdict = "value" | "refused" | "failed";

/** Throws what no expression may lead to. */
function judge(source: string): Verdict {
  let verdict: Verdict = "refused";
  try {
    const tree = parseExpression(source);
    verdict = "failed";
    const value = evaluate(tree, scope);
    const problem = findNotJson(value, "value");
    if (problem !== null) throw new Error(problem);
    if (JSON.stringify(value)?.includes("polluted") === true && !source.includes("input"))
      throw new Error("it reaches what it does not name");
    return "value";
  } catch (thrown) {
    if (!(thrown instanceof DefinitionError)) throw thrown;
    const codes = verdict === "refused" ? /^DEF_/ : /^EXPR_/;
    if (!codes.test(thrown.code)) throw thrown;
    return verdict;
  }
}

const scope = scopeOf(record);

test(`${RUNS} expressions end in a value or a typed error, in bounded time, and change nothing (S-1)`, { timeout: 1_800_000 }, () => {
  intrinsics(); // What the platform makes at the first look.
  const [before, processes] = [intrinsics(), children()];
  const counts = { value: 0, refused: 0, failed: 0 };
  const slowest = { ms: 0, seed: 0 };
  for (let seed = FIRST; seed < FIRST + RUNS; seed++) {
    const source = generateExpression(createDraw(seed));
    const from = cpuMs();
    try {
      counts[judge(source)] += 1;
    } catch (thrown) {
      throw new Error(`FUZZ_SEED=${seed}: ${JSON.stringify(source)}`, { cause: thrown });
    }
    const ms = cpuMs() - from;
    if (ms > slowest.ms) Object.assign(slowest, { ms, seed });
  }
  process.stdout.write(
    `${RUNS} expressions from seed ${FIRST}: ${JSON.stringify(counts)}, slowest ${slowest.ms.toFixed(1)} ms of CPU (seed ${slowest.seed})\n`,
  );
  // The best of some tries, for the one whose turn it was when code was compiled or memory tidied up.
  const again = Array.from({ length: 6 }, () => {
    const from = cpuMs();
    judge(generateExpression(createDraw(slowest.seed)));
    return cpuMs() - from;
  });
  expect(Math.min(slowest.ms, ...again)).toBeLessThan(CPU_MAX_MS);
  expect(changesSince(before)).toEqual([]);
  expect(children()).toBe(processes);
  if (RUNS < 1_000) return;
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(RUNS / 20);
});
