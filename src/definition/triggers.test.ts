import { describe, expect, test } from "vitest";
import { builtInStepTypes } from "../../test/support/step-types.ts";
import { scopeOf } from "../expression/scope.ts";
import { evaluateField } from "../plan/evaluate-field.ts";
import { check, compile, recompile } from "./compile.ts";

const options = { file: "w.troupe.yaml", stepTypes: builtInStepTypes };
const steps = "steps: [{ id: a, run: x }]\n";

/** `code line:column message | fix`. */
const told = (text: string): readonly string[] =>
  check(text, options).findings.map(
    ({ code, line, column, message, fix }) => `${code} ${line}:${column} ${message}${fix === null ? "" : ` | ${fix}`}`,
  );
const errors = (text: string): readonly string[] => told(text).filter((line) => !line.startsWith("DEF_UNUSED"));

describe("triggers of a workflow", () => {
  test("are data with the defaults of the language", () => {
    const { triggers } = compile(
      `on:\n  schedule:\n    - cron: "0 6 * * 1"\n    - { cron: "@daily", name: nightly, timezone: Europe/Berlin, overlap: queue, catchup: all }\n${steps}`,
      options,
    );
    expect(triggers).toEqual({
      schedules: [
        { name: "1", cron: "0 6 * * 1", timezone: "UTC", overlap: "skip", catchup: "last", input: null },
        { name: "nightly", cron: "@daily", timezone: "Europe/Berlin", overlap: "queue", catchup: "all", input: null },
      ],
      events: [],
    });
  });

  test("read the event, and nothing of a run that is not there yet", () => {
    const workflow = compile(
      `input: { ref: string }\non:\n  event:\n    - { name: push, when: "event.body.ref == 'refs/heads/main'", input: { ref: "{{ event.body.ref }}" } }\nsteps: [{ id: a, run: "echo {{ input.ref }}" }]\n`,
      options,
    );
    const [push] = workflow.triggers.events;
    expect(push).toMatchObject({ number: 1, event: "push", when: { source: "event.body.ref == 'refs/heads/main'" } });
    const input = push?.input ?? { kind: "literal" as const, value: null };
    expect(evaluateField(input, scopeOf({ event: { body: { ref: "x" } } }))).toEqual({ ref: "x" });
  });

  test.each([
    [
      "when: input.ref",
      "DEF_UNKNOWN_NAME 3:27 There is no `input` before the run: only `event` can be read here. | Paths begin with `event.name`, `event.id`, `event.body`, `event.headers`.",
    ],
    ["when: event.boddy.ref", "DEF_UNKNOWN_NAME 3:27 `event` has no `boddy`. | Did you mean `body`?"],
    [
      "when: \"event.name ~ 'x'\"",
      "DEF_COMPARE 3:39 A condition is true or false; this is always a text. | Convert one side, or compare with a value of the same type.",
    ],
    [
      'input: { x: "{{ steps.a.output }}" }',
      "DEF_UNKNOWN_NAME 3:37 There is no `steps` before the run: only `event` can be read here. | Paths begin with `event.name`, `event.id`, `event.body`, `event.headers`.",
    ],
  ])("a filter or an input that cannot be read is told at its place: %s", (field, message) => {
    expect(told(`on:\n  event:\n    - { name: push, ${field} }\n${steps}`)).toEqual([message]);
  });

  test("a condition that does not parse is an error of the condition", () => {
    expect(told(`on:\n  event:\n    - { name: push, when: "event.body.ref ==" }\n${steps}`)[0]).toMatch(/^DEF_UNFINISHED 3:/);
  });

  test.each([
    [
      '{ cron: "0 6 * * mno" }',
      "DEF_TRIGGER 3:24 `0 6 * * mno` is no schedule: `mno` is no day of the week, which is from 0 to 7 or a name. | Did you mean `mon`?",
    ],
    [
      '{ cron: "@daily", timezone: Europe/Berlni }',
      "DEF_TRIGGER 3:35 There is no time zone `Europe/Berlni`. | Did you mean `Europe/Berlin`?",
    ],
    [
      '{ cron: "@daily", timezone: "+02:00" }',
      "DEF_TRIGGER 3:35 There is no time zone `+02:00`. | Write a name such as `Europe/Berlin` or `UTC`.",
    ],
    [
      '{ cron: "@daily", overlap: both }',
      "DEF_SCHEMA 3:34 on.schedule[0].overlap: Value 'both' is not one of ['skip', 'queue', 'allow', 'replace']",
    ],
    ["{ timezone: UTC }", "DEF_SCHEMA 3:7 A workflow: `on.schedule[0].cron` is missing | Add `cron:`."],
    [
      '{ cron: "@daily", every: 1h }',
      "DEF_UNKNOWN_KEY 3:25 `on.schedule[0]` has no key `every`. | Its keys are cron, timezone, name, overlap, catchup, input.",
    ],
  ])("a schedule that has no times is told at its place: %s", (schedule, message) => {
    expect(told(`on:\n  schedule:\n    - ${schedule}\n${steps}`)).toEqual([message]);
  });

  test("two schedules of one name are refused, since the name is how people pause one", () => {
    expect(told(`on: { schedule: [{ cron: "@daily", name: n }, { cron: "@hourly", name: n }] }\n${steps}`)).toEqual([
      "DEF_TRIGGER 1:72 Two schedules are called `n`. | Rename one of them.",
    ]);
  });

  describe("and the workflow's input", () => {
    const input = "input: { load: { type: number, minimum: 0 }, unit: { type: string, default: kN } }\n";
    const run = 'steps: [{ id: a, run: "echo {{ input.load }} {{ input.unit }}" }]\n';
    const withInput = (given: string): string => `${input}on:\n  schedule:\n    - { cron: "@daily"${given} }\n${run}`;

    test.each([
      ["", "4:7 What the schedule gives does not fit the workflow's input: input.load: "],
      [", input: { load: -1 }", "4:40 What the schedule gives does not fit the workflow's input: input.load: Value -1"],
      [", input: { load: 1, lod: 2 }", "What the schedule gives does not fit the workflow's input: input.lod: "],
      [', input: { unit: "{{ schedule.at }}" }', "What the schedule gives does not fit the workflow's input: input.load: "],
    ])("what does not fit is an error: %s", (given, message) => {
      const found = errors(withInput(given));
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(message);
    });

    test.each([", input: { load: 1 }", ', input: { load: "{{ schedule.at | length }}" }', ", input: { load: 1, unit: kN }"])(
      "what fits, or may fit, is none: %s",
      (given) => {
        expect(errors(withInput(given))).toEqual([]);
      },
    );
  });

  test("belong to the version: changing one is another definition", () => {
    const hash = (cron: string): string => compile(`on: { schedule: [{ cron: "${cron}" }] }\n${steps}`, options).hash;
    expect(hash("@daily")).not.toBe(hash("@hourly"));
    expect(hash("@daily")).toBe(hash("@daily"));
  });

  test("of a stored definition are read again as they were, also where this machine does not know the time zone", () => {
    const { document, hash, triggers } = compile(`on: { schedule: [{ cron: "@daily", timezone: Europe/Berlin }] }\n${steps}`, options);
    expect(recompile(document, hash, options).triggers).toEqual(triggers);
    const elsewhere = JSON.parse(JSON.stringify(document).replace("Europe/Berlin", "Mars/Olympus"));
    expect(recompile(elsewhere, hash, options).triggers.schedules[0]?.timezone).toBe("Mars/Olympus");
  });
});
