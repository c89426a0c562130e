/** S-32: the only way to a run for whoever calls from outside. */
import type { Caller } from "../api/access.ts";
import { RequestError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import type { StoreReader } from "../ports/store.ts";

/** @throws RequestError RUN_NOT_FOUND, for another tenant's too */
export type FindOwnRun = (run: string, caller: Pick<Caller, "tenant">) => RunId;

export function createRunFinder(store: Pick<StoreReader, "run">): FindOwnRun {
  return (run, { tenant }) => {
    const row = store.run(run as RunId); // A text that names no run finds none.
    if (row === null || row.tenant !== tenant) throw new RequestError("RUN_NOT_FOUND", { run });
    return row.id;
  };
}
