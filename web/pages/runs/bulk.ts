/** The same for many runs. What fails for one does not keep the others from it. */
import { type Problem, problemOf } from "../../api/problem.ts";
import { change } from "../../api/request.ts";

const AT_ONCE = 4;

export interface BulkResult {
  readonly done: number;
  readonly problems: readonly Problem[];
}

export async function forAll(runs: readonly string[], action: "cancel" | "retry", body: unknown = {}): Promise<BulkResult> {
  const queue = [...runs];
  const problems: Problem[] = [];
  const work = async (): Promise<void> => {
    for (let run = queue.shift(); run !== undefined; run = queue.shift())
      await change("POST", `/runs/${run}/${action}`, { body }).catch((thrown: unknown) => problems.push(problemOf(thrown)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { done: runs.length - problems.length, problems };
}
