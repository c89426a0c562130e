import { describe, expect, test } from "vitest";
import type { RunView, StepView } from "../../contract/run-view.ts";
import { parseItemId } from "../../core/item-id.ts";
import type { Span } from "../../main/read-spans.ts";
import { createLook } from "./look.ts";
import { widthOf } from "./text.ts";
import { renderWaterfall, type WaterfallInput } from "./waterfall.ts";

const NONE = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", attributes: {}, events: [], droppedEvents: 0, links: [], error: null };

const run = (from: number, to: number | null, events: Span["events"] = []): Span => ({
  ...NONE,
  role: "run",
  name: "troupe.run build",
  spanId: "run",
  parentSpanId: null,
  startedAt: from,
  endedAt: to,
  events,
});

const step = (id: string, from: number, to: number | null): Span => ({
  ...NONE,
  role: "step",
  name: `troupe.step ${id}`,
  spanId: id,
  parentSpanId: "run",
  startedAt: from,
  endedAt: to,
});

const attempt = (of: string, number: number, from: number, to: number | null, error: string | null = null): Span => ({
  ...NONE,
  role: "attempt",
  name: "troupe.attempt",
  spanId: `${of} ${number}`,
  parentSpanId: of,
  startedAt: from,
  endedAt: to,
  error,
  attributes: {
    "troupe.attempt.number": number,
    ...(error === null ? { "troupe.attempt.outcome": "succeeded" } : { "error.type": error }),
  },
});

function input(
  spans: readonly Span[],
  steps: readonly (readonly [id: string, state: string])[],
  more: Partial<WaterfallInput> = {},
): WaterfallInput {
  // The renderer reads only what is here.
  const view = { id: "run_0123456789abcdef0123", workflow: "build", state: "succeeded", detail: "succeeded" } as RunView;
  const views = steps.map(
    ([id, state]) => ({ id, itemKey: parseItemId(id)?.key ?? null, state, detail: state, cached: false }) as StepView,
  );
  return { view: { ...view, steps: views }, spans, criticalPath: [], now: 10_000, ...more };
}

const draw = (given: WaterfallInput, columns = 80, isAscii = false): string[] =>
  renderWaterfall(given, createLook({ columns, hasColour: false, isAscii }));

const parallel = input(
  [run(0, 4_000), step("compile", 0, 2_000), step("lint", 0, 500), step("pack", 2_000, 4_000)].concat([
    attempt("compile", 1, 0, 2_000),
    attempt("lint", 1, 250, 500),
    attempt("pack", 1, 2_000, 4_000),
  ]),
  [
    ["compile", "succeeded"],
    ["lint", "succeeded"],
    ["pack", "succeeded"],
  ],
  { criticalPath: ["compile", "pack"] },
);

test("bars begin and end where steps did, those of the critical path are marked, and queueing is told", () => {
  expect(draw(parallel)).toEqual([
    "✔ build succeeded  run_0123456789abcdef  trace 4bf92f3577b34da6a3ce929d0e0e4736",
    "",
    "             ┬ 0 ms ────┬ 1.0 s ───┬ 2.0 s ───┬ 3.0 s ───  4.0 s",
    "▸ ✔ compile  ██████████████████████                        2.0 s",
    "  ✔ lint     ░░▓▓▓▓                                        250 ms  queued 250 ms",
    "▸ ✔ pack                           ██████████████████████  2.0 s",
    "",
    "▸ █ critical path   ▓ ran   ░ queued",
  ]);
});

test.each([80, 100, 132, 200])("%i columns are enough for every line", (columns) => {
  const long = input(
    [...parallel.spans, step("x".repeat(90), 0, 1), attempt("x".repeat(90), 1, 0, 1, "E".repeat(80)), attempt("x".repeat(90), 2, 0, 1)],
    [
      ["compile", "succeeded"],
      ["x".repeat(90), "failed"],
    ],
  );
  for (const line of [...draw(parallel, columns), ...draw(long, columns)]) expect(widthOf(line)).toBeLessThanOrEqual(columns);
  expect(Math.max(...draw(parallel, columns).map(widthOf))).toBeGreaterThan(columns - 25);
});

test("every attempt has a line of its own where a step had several, and the wait between them shows", () => {
  const lines = draw(
    input(
      [run(0, 2_900), step("a", 0, 2_900), attempt("a", 1, 0, 1_000, "ECONNRESET"), attempt("a", 2, 1_900, 2_900)],
      [["a", "succeeded"]],
    ),
  );
  expect(lines[3]).toMatch(/^ {2}✔ a {13}▓+╌+▓+ +2\.0 s {2}2 attempts$/);
  expect(lines[4]).toMatch(/^ {6}attempt 1 {3}▓+ +1\.0 s {2}ECONNRESET$/);
  expect(lines[5]).toMatch(/^ {6}attempt 2 +▓+ +1\.0 s {2}succeeded$/);
});

describe("time in which nothing ran is folded", () => {
  const DAY = 86_400_000;
  const spans = (event: string): readonly Span[] => [
    run(0, DAY + 3_000, [{ name: event, at: 1_500, attributes: {} }]),
    step("a", 0, 1_000),
    attempt("a", 1, 0, 1_000),
    step("b", 1_000, DAY + 3_000),
    attempt("b", 1, DAY + 1_000, DAY + 3_000),
  ];
  const steps = [
    ["a", "succeeded"],
    ["b", "succeeded"],
  ] as const;

  test.each([
    ["run.paused", "it was paused"],
    ["run.quarantined", "it waited for a person"],
    ["run.waiting", "it waited for a retry or an answer"],
    ["run.progress", "nothing ran"],
  ])("%s: %s", (event, why) => {
    const lines = draw(input(spans(event), steps));
    expect(lines[3]).toMatch(/▓{10,} *≈≈≈/);
    expect(lines.at(-2)).toContain(`≈ 1 d 0 h folded: ${why}, from `);
  });
});

test("what goes on has a bar up to now, and a run that has only begun is drawn too", () => {
  const lines = draw(input([run(0, null), step("a", 0, null), attempt("a", 1, 0, null)], [["a", "running"]], { now: 5_000 }));
  expect(lines[3]).toMatch(/^ {2}● a .*▓{20,} {2}5\.0 s$/);
  expect(draw(input([run(5, null)], [["a", "pending"]], { now: 5 }))[3]).toMatch(/^ {2}· a +pending$/);
  expect(draw(input([], []))).toEqual([]);
});

test("an item of a fan-out has a row of its own, and is no attempt of its step", () => {
  const item = { ...step("a[eu]", 10, 90), parentSpanId: "a" };
  const spans = [run(0, 100), step("a", 0, 100), attempt("a", 1, 0, 10), item, attempt("a[eu]", 1, 10, 90)];
  const lines = draw(
    input(spans, [
      ["a", "succeeded"],
      ["a[eu]", "succeeded"],
    ]),
  );
  expect(lines[3]).toMatch(/^ {2}✔ a .*▓+╌+ {2}10 ms$/);
  expect(lines[4]).toMatch(/^ {2}✔ a\[eu\] .*▓{10,} +80 ms$/);
  expect(lines.join("\n")).not.toContain("attempt");
});

test("of ten thousand items those that went wrong have rows, and the rest are counted", () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => `a[${index}]`);
  const spans = [run(0, 100), step("a", 0, 100), attempt("a", 1, 0, 10), ...ids.map((id) => ({ ...step(id, 10, 90), parentSpanId: "a" }))];
  const lines = draw(
    input(spans, [["a", "failed"], ...ids.map((id) => [id, id === "a[7000]" ? "failed" : "succeeded"] as const), ["b", "skipped"]]),
  );
  expect(lines.length).toBeLessThan(25);
  expect(lines.join("\n")).toContain("✖ a[7000]");
  expect(lines.join("\n")).toMatch(/… +and 9989 more items: 9989 succeeded/);
  expect(lines.findIndex((line) => line.includes("more items"))).toBeLessThan(lines.findIndex((line) => line.includes("↷ b")));
});

test("without Unicode the signs are ASCII, and names cannot break the line", () => {
  const lines = draw(input([run(0, 10), step("a\u001b[2J", 0, 10), attempt("a\u001b[2J", 1, 0, 10)], [["a\u001b[2J", "failed"]]), 80, true);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u0080-\uffff]/);
});
