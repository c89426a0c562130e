/** S-32: the only way from a request to a run. */
import type { Caller } from "../api/access.ts";
import { RequestError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import type { RunRow, StoreReader } from "../ports/store.ts";

/** @throws RequestError RUN_NOT_FOUND, for another tenant's too */
export function ownRun(store: Pick<StoreReader, "run">, run: string, { tenant }: Pick<Caller, "tenant">): RunRow {
  const row = store.run(run as RunId); // A text that names no run finds none.
  if (row === null || row.tenant !== tenant) throw new RequestError("RUN_NOT_FOUND", { run });
  return row;
}
