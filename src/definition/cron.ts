/**
 * Cron expressions as every cron reads them: five fields, names of months and days, lists, ranges, steps, and nicknames. What only some
 * crons know (seconds, `L`, `W`, `#`, `?`, `@reboot`) is refused in words, so that nobody finds out by a run that did not come.
 */
import { nearestName } from "../core/nearest.ts";

export interface CronProblem {
  readonly problem: string;
  readonly fix?: string;
  /** Part of the text that is meant. */
  readonly offset: number;
  readonly length: number;
}

interface FieldRule {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names for the numbers from `min` on. */
  readonly words: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: readonly FieldRule[] = [
  { name: "minute", min: 0, max: 59, words: [] },
  { name: "hour", min: 0, max: 23, words: [] },
  { name: "day of the month", min: 1, max: 31, words: [] },
  { name: "month", min: 1, max: 12, words: MONTHS },
  { name: "day of the week", min: 0, max: 7, words: DAYS }, // 0 and 7 are both Sunday.
];
const NICKNAMES = ["@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"];
/** Of each month in the longest year. */
const DAYS_MAX = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Null for an expression that has a next time. */
export function cronProblem(text: string): CronProblem | null {
  const whole = { offset: 0, length: text.length };
  if (text.startsWith("@")) return nicknameProblem(text, whole);
  const parts = [...text.matchAll(/\S+/g)];
  if (parts.length === 6 || parts.length === 7) {
    return {
      problem: `a schedule has five fields, and this has ${parts.length}; the first would be seconds`,
      fix: "Leave the seconds away: a run is started at a minute. What must happen every few seconds belongs into one run that waits.",
      ...whole,
    };
  }
  if (parts.length !== 5) {
    const problem = `a schedule has five fields (minute, hour, day of the month, month, day of the week), and this has ${parts.length}`;
    return { problem, fix: 'Write for example `"30 6 * * 1-5"`: at half past six from Monday to Friday.', ...whole };
  }
  for (const [index, part] of parts.entries()) {
    const found = fieldProblem(part[0], FIELDS[index] as FieldRule, part.index); // There are five of both.
    if (found !== null) return found;
  }
  return neverProblem(
    parts.map(([part]) => part),
    whole,
  );
}

/** Whether both days are restricted: cron then fires on either of them, which hardly anybody means. */
export function restrictsBothDays(text: string): boolean {
  const [, , date = "*", , day = "*"] = text.trim().split(/\s+/);
  return !date.startsWith("*") && !day.startsWith("*");
}

function nicknameProblem(text: string, whole: { readonly offset: number; readonly length: number }): CronProblem | null {
  if (NICKNAMES.includes(text.toLowerCase())) return null;
  const near = nearestName(text.toLowerCase(), NICKNAMES);
  return {
    problem: `there is no \`${text}\``,
    fix: near === undefined ? `The nicknames are ${NICKNAMES.join(", ")}.` : `Did you mean \`${near}\`?`,
    ...whole,
  };
}

function fieldProblem(field: string, rule: FieldRule, start: number): CronProblem | null {
  let offset = start;
  for (const item of field.split(",")) {
    const problem = itemProblem(item, rule);
    if (problem !== null) return { ...problem, offset, length: Math.max(1, item.length) };
    offset += item.length + 1;
  }
  return null;
}

type Remark = Pick<CronProblem, "problem" | "fix">;

function itemProblem(item: string, rule: FieldRule): Remark | null {
  const { name, min, max } = rule;
  const about = `the ${name}`;
  if (item === "") return { problem: `${about} has an empty part`, fix: "Remove the extra comma." };
  if (/^(?:[?LW]+|\d+[LW]+|\w+#\d+)$/i.test(item))
    return {
      problem: `\`${item}\` in ${about} is of other crons, and not known here`,
      fix: "Start it daily, and let the first step decide by the date.",
    };
  const [range = "", step, ...rest] = item.split("/");
  if (rest.length > 0 || (step !== undefined && !/^\d{1,3}$/.test(step))) return { problem: `\`${item}\` is no part of ${about}` };
  if (step !== undefined && (Number(step) < 1 || Number(step) > max))
    return { problem: `the step of ${about} is ${step}, and must be from 1 to ${max}` };
  if (range === "*") return null;
  const [from = "", to, ...more] = range.split("-");
  if (more.length > 0) return { problem: `\`${range}\` is no range of ${about}` };
  if (step !== undefined && to === undefined)
    return { problem: `\`${item}\` steps from one value`, fix: `Write \`${from}-${max}/${step}\`.` };
  const ends = [from, ...(to === undefined ? [] : [to])].map((end) => numberOf(end, rule));
  for (const [index, value] of ends.entries()) {
    if (value !== null && value >= min && value <= max) continue;
    const said = index === 0 ? from : (to ?? "");
    const near = nearestName(said.toLowerCase(), rule.words);
    return {
      problem: `\`${said}\` is no ${name}, which is from ${min} to ${max}${rule.words.length > 0 ? " or a name" : ""}`,
      ...(near !== undefined && { fix: `Did you mean \`${near}\`?` }),
    };
  }
  const [first = 0, last = first] = ends as number[]; // Each has been looked at.
  if (first > last)
    return { problem: `the range \`${range}\` of ${about} ends before it begins`, fix: `Write \`${from}-${max},${min}-${to}\`.` };
  return null;
}

function numberOf(text: string, { min, words }: FieldRule): number | null {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  const index = words.indexOf(text.toLowerCase());
  return index === -1 ? null : index + min;
}

/** Such as the 30th of February: each part is right, and there is no such day. */
function neverProblem(
  [, , date = "*", month = "*", day = "*"]: readonly string[],
  whole: { readonly offset: number; readonly length: number },
): CronProblem | null {
  if (date.startsWith("*") || !day.startsWith("*")) return null;
  const earliest = Math.min(...date.split(",").map((item) => Number.parseInt(item, 10)));
  const months = month.split(",").flatMap((item) => monthsOf(item));
  if (months.some((one) => earliest <= (DAYS_MAX[one - 1] ?? 0))) return null;
  return { problem: `no year has such a day: it would be the ${earliest}th of ${month}`, fix: "Correct the day or the month.", ...whole };
}

function monthsOf(item: string): number[] {
  const [range = "", step = "1"] = item.split("/");
  const rule = FIELDS[3] as FieldRule; // The fourth of five.
  const [from = "", to = from] = range === "*" ? ["1", "12"] : range.split("-");
  const first = numberOf(from, rule) ?? 1;
  const last = numberOf(to, rule) ?? 12;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index).filter((one) => (one - first) % Number(step) === 0);
}
