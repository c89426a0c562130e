import { expect, test } from "vitest";
import { type RunDeed, whyNotRun, whyNotStep } from "./what-may.ts";

const DEEDS: readonly RunDeed[] = ["cancel", "pause", "resume", "retry", "fork"];
const allowed = (detail: string) => DEEDS.filter((deed) => whyNotRun(deed, { state: detail.split(".")[0] ?? "", detail }) === null);

test.each([
  ["pending", ["cancel", "fork"]],
  ["running.executing", ["cancel", "pause", "fork"]],
  ["running.waiting", ["cancel", "pause", "fork"]],
  ["running.paused", ["cancel", "resume", "fork"]],
  ["running.canceling", ["fork"]],
  ["quarantined", ["cancel", "retry", "fork"]],
  ["succeeded", ["fork"]],
  ["failed", ["retry", "fork"]],
  ["canceled", ["retry", "fork"]],
])("with a run that is %s one may %j", (detail, deeds) => {
  expect(allowed(detail)).toEqual(deeds);
});

test("only a step in quarantine is released, and a new run begins at no item", () => {
  const run = { state: "quarantined", detail: "quarantined" };
  expect(whyNotStep("release", run, { state: "quarantined", itemKey: "eu" })).toBeNull();
  expect(whyNotStep("release", run, { state: "failed", itemKey: null })).toMatch(/not in quarantine/);
  expect(whyNotStep("fork", run, { state: "failed", itemKey: "eu" })).toMatch(/not at one of its items/);
});
