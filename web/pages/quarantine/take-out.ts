/** Decisions about quarantined steps, sent one after the other: each is one entry in a journal. */
import type { QuarantinedView } from "../../../src/contract/quarantined-view.ts";
import type { Json } from "../../api/json.ts";
import { type Problem, problemOf } from "../../api/problem.ts";
import { change } from "../../api/request.ts";

export type Decision =
  | { readonly kind: "release" }
  | { readonly kind: "skip" | "fail"; readonly reason: string | null }
  | { readonly kind: "override"; readonly output: Json };

/** @throws ProblemError */
export async function takeOut({ run, step }: Pick<QuarantinedView, "run" | "step">, decision: Decision): Promise<void> {
  const { kind, ...how } = decision;
  const said = "reason" in how && how.reason === null ? {} : how;
  await change("POST", `/runs/${run}/${kind}`, { body: { step, ...said } });
}

export interface Outcome {
  readonly done: number;
  readonly problems: readonly { readonly of: QuarantinedView; readonly problem: Problem }[];
}

export async function takeOutAll(
  steps: readonly QuarantinedView[],
  decision: Decision,
  progress: (done: number) => void,
): Promise<Outcome> {
  let done = 0;
  const problems: { of: QuarantinedView; problem: Problem }[] = [];
  for (const one of steps) {
    try {
      await takeOut(one, decision);
      progress(++done);
    } catch (thrown) {
      problems.push({ of: one, problem: problemOf(thrown) });
    }
  }
  return { done, problems };
}
