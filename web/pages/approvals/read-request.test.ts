import { expect, test } from "vitest";
import { otherwiseText, readRequest, whyNotMine } from "./read-request.ts";

test("a request that lacks everything is shown as one that asks nothing", () => {
  expect(readRequest({})).toEqual({
    workflow: "",
    title: null,
    prompt: "",
    show: null,
    fields: null,
    risk: null,
    who: [],
    notBy: null,
    expires: null,
  });
  expect(readRequest({ risk: { score: "high" }, who: "ann", expires: 4, fields: [] })).toMatchObject({
    risk: null,
    who: [],
    expires: null,
  });
});

test("reasons of a risk are told with their scores", () => {
  const risk = { score: 80, level: "high", reasons: [{ reason: "It is production", score: 50 }, { score: 3 }, { reason: "New" }] };
  expect(readRequest({ risk }).risk).toEqual({
    score: 80,
    level: "high",
    reasons: [
      { reason: "It is production", score: 50 },
      { reason: "New", score: null },
    ],
  });
});

test("nobody decides about his own run under four eyes, or about what asks others", () => {
  expect(whyNotMine({ who: [], notBy: "ann" }, "ann")).toMatch(/^You started/);
  expect(whyNotMine({ who: ["bob", "operations"], notBy: null }, "ann")).toBe("It asks bob or operations. You are signed in as ann.");
  expect(whyNotMine({ who: ["ann"], notBy: "bob" }, "ann")).toBeNull();
});

test("what happens without a decision is said", () => {
  expect(otherwiseText({ otherwise: "reject", to: [] })).toBe("it is rejected");
  expect(otherwiseText({ otherwise: "escalate", to: ["bob", "eve"] })).toBe("bob and eve will be asked");
});
