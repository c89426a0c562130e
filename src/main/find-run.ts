/** Runs by what people call them. */
import { RequestError } from "../core/errors.ts";
import { isRunId, type RunId } from "../core/ids.ts";
import type { StoreReader } from "../ports/store.ts";

/** `@latest`, a whole id, or a prefix of one, with or without `run_`. @throws RequestError RUN_NOT_FOUND, RUN_AMBIGUOUS */
export function findRun(store: StoreReader, name: string): RunId {
  if (name === "@latest") {
    const latest = store.runs({ limit: 1 })[0];
    if (latest === undefined) throw new RequestError("RUN_NOT_FOUND", { run: name });
    return latest.id;
  }
  if (isRunId(name) && store.run(name) !== null) return name;
  const found = new Set([...store.runIds(name, 3), ...store.runIds(`run_${name}`, 3)]);
  const [only] = found;
  if (only === undefined) throw new RequestError("RUN_NOT_FOUND", { run: name });
  if (found.size > 1) throw new RequestError("RUN_AMBIGUOUS", { run: name, candidates: [...found] });
  return only;
}
