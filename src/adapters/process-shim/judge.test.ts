import { describe, expect, test } from "vitest";
import { type Evidence, type Judgement, judge } from "./judge.ts";

const nothing: Evidence = {
  directory: "present",
  result: "none",
  claim: "absent",
  sameBoot: true,
  supervisorAlive: false,
  childAlive: false,
  revoke: "untried",
};

function verdict(differs: Partial<Evidence>): Judgement["kind"] | "swept, lost" {
  const judgement = judge({ ...nothing, ...differs });
  return judgement.kind === "lost" && judgement.sweep ? "swept, lost" : judgement.kind;
}

/** Every combination of the members that a row leaves open. */
function any(members: { readonly [Name in keyof Evidence]?: readonly Evidence[Name][] }, fixed: Partial<Evidence>): Partial<Evidence>[] {
  let all: Partial<Evidence>[] = [fixed];
  for (const [name, values] of Object.entries(members)) all = all.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
  return all;
}

const open = {
  claim: ["supervisor", "revoked", "absent"],
  sameBoot: [true, false],
  supervisorAlive: [true, false],
  childAlive: [true, false],
} as const;

describe("the truth table (I-14)", () => {
  test("row 1: a valid result is recorded, whatever else is found", () => {
    for (const evidence of any(open, { result: "valid" })) expect(verdict(evidence)).toBe("record");
  });

  test("row 2: a damaged result means lost, and survivors are swept", () => {
    for (const evidence of any(open, { result: "bad" })) expect(verdict(evidence)).toBe("swept, lost");
  });

  test("row 3: a living supervisor means alive", () => {
    for (const evidence of any({ childAlive: [true, false] }, { claim: "supervisor", supervisorAlive: true }))
      expect(verdict(evidence)).toBe("alive");
  });

  test("row 4: a child that outlived its supervisor is killed, then lost", () => {
    expect(verdict({ claim: "supervisor", childAlive: true })).toBe("swept, lost");
  });

  test("row 5: a claim without any process means lost", () => {
    expect(verdict({ claim: "supervisor" })).toBe("swept, lost");
  });

  test("row 6: what never began and is revoked was not started", () => {
    expect(verdict({})).toBe("revoke");
    expect(verdict({ revoke: "won" })).toBe("not_started");
    expect(verdict({ claim: "revoked" })).toBe("not_started");
  });

  test("row 7: when the revocation comes too late everything is looked at again", () => {
    expect(verdict({ revoke: "lost" })).toBe("again");
  });

  test("row 8: after a restart of the machine missing files prove nothing", () => {
    for (const evidence of any({ claim: ["supervisor", "revoked", "absent"], childAlive: [true, false] }, { sameBoot: false }))
      expect(verdict(evidence)).toBe("lost");
  });

  test("row 9: a missing directory means lost, and its token is swept", () => {
    for (const evidence of any({ sameBoot: [true, false], childAlive: [true, false] }, { directory: "absent" }))
      expect(verdict(evidence)).toBe("swept, lost");
  });

  test("success or failure is never assumed: only a valid result is recorded", () => {
    for (const evidence of any({ ...open, result: ["bad", "none"], revoke: ["untried", "won", "lost"] }, {}))
      expect(verdict(evidence)).not.toBe("record");
  });
});
