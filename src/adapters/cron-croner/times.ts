/** Times of schedules, by croner. */
import { Cron } from "croner";
import { toError } from "../../core/errors.ts";
import type { CronRule, CronTimes } from "../../ports/cron.ts";

/** Reading a rule costs more than asking it; rules that many schedules share are read once. */
const RULES_KEPT = 1_000;

/** Answers kept of each rule: ten thousand schedules have few rules, and are asked about the same moment. */
const ANSWERS_KEPT = 4;

interface ReadRule {
  readonly cron: Cron;
  /** Between `after` and `next` there is no time, whatever moment between them is asked about. */
  readonly answers: { readonly after: number; readonly next: number }[];
}

export function createCronTimes(): CronTimes {
  const known = new Map<string, ReadRule>();

  function read({ cron, timezone }: CronRule): ReadRule {
    const name = `${timezone} ${cron}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    // As Vixie's cron tells them apart: a list of hours is fixed times too, and a step is not.
    const rule: ReadRule = { cron: new Cron(cron, { timezone, mode: "5-part", fixedTimeRule: "no-wildcard", paused: true }), answers: [] };
    const oldest = known.keys().next();
    if (known.size >= RULES_KEPT && !oldest.done) known.delete(oldest.value);
    known.set(name, rule);
    return rule;
  }

  function next(rule: CronRule, after: number): number | null {
    return asked(rule, () => {
      const { cron, answers } = read(rule);
      const known = answers.find((one) => one.after <= after && after < one.next);
      if (known !== undefined) return known.next;
      const found = cron.nextRun(new Date(after))?.getTime() ?? null;
      if (found !== null) answers.unshift({ after, next: found });
      answers.length = Math.min(answers.length, ANSWERS_KEPT);
      return found;
    });
  }

  return {
    next,
    between(rule, after, until, count) {
      const times: number[] = [];
      for (let time = next(rule, after); time !== null && time <= until; time = next(rule, time)) {
        times.push(time);
        if (times.length > count) {
          // Croner looks for times before this one.
          const newest = asked(rule, () => read(rule).cron.previousRuns(count, new Date(until + 1)));
          return newest.map((date) => date.getTime()).sort((one, other) => one - other);
        }
      }
      return times;
    },
  };
}

function asked<TResult>({ cron, timezone }: CronRule, ask: () => TResult): TResult {
  try {
    return ask();
  } catch (thrown) {
    throw new RangeError(`the times of \`${cron}\` in ${timezone} cannot be computed: ${toError(thrown).message}`, { cause: thrown });
  }
}
