/** W8: expressions and templates a second: parsed each time, parsed once, and with a context a thousand times the size. */
import { performance } from "node:perf_hooks";
import { answer, readParameters } from "../meter.ts";
import { evaluate, render } from "../troupe.ts";

const { rounds } = readParameters<{ rounds: number }>();

const small = {
  input: { load: 12, limit: 10, name: "footing", items: [1, 2, 3] },
  steps: { check: { state: "succeeded", output: { ratio: 0.8 } } },
};
const large = {
  ...small,
  input: { ...small.input, ballast: Array.from({ length: 10_000 }, (_, index) => ({ index, text: `value ${index}` })) },
};

function rateOf(count: number, work: (index: number) => unknown): number {
  for (let index = 0; index < count / 5; index++) work(-1 - index);
  const begin = performance.now();
  for (let index = 0; index < count; index++) work(index);
  return (count / (performance.now() - begin)) * 1_000;
}

// A number in the text makes each one new to the cache of parsed sources.
const condition = (index: number): string => `$input.load > ${index} and steps.check.output.ratio < 0.9`;
const fixed = condition(5);
const template = "Design of {{ input.name }}: ratio {{ steps.check.output.ratio }} of {{ input.limit }}, {{ input.items | length }} items";
const SUBSTITUTIONS = 4;

answer({
  uncachedPerS: rateOf(rounds, (index) => evaluate(condition(index), small)),
  cachedPerS: rateOf(rounds * 20, () => evaluate(fixed, small)),
  cachedLargePerS: rateOf(rounds * 20, () => evaluate(fixed, large)),
  substitutionsPerS: rateOf(rounds * 2, () => render(template, small)) * SUBSTITUTIONS,
  substitutionsLargePerS: rateOf(rounds * 2, () => render(template, large)) * SUBSTITUTIONS,
});
