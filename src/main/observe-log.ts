/** The engine's log in a file, for those who collect JSON lines. */
import { RequestError, toError } from "../core/errors.ts";
import type { Observation, ObservationOptions } from "./observation-shape.ts";

export function observeLog({ logFile, logLevel = "info", warn }: ObservationOptions): Promise<Observation> | null {
  if (logFile === undefined) return null;
  const open = async (): Promise<Observation> => {
    const { openEngineLog } = await import("../../observability/engine-log.ts");
    try {
      return openEngineLog({ file: logFile, level: logLevel, warn });
    } catch (thrown) {
      throw unwritable(logFile, toError(thrown));
    }
  };
  return open();
}

function unwritable(file: string, cause: Error): RequestError {
  return new RequestError("FILE_UNWRITABLE", { file, problem: cause.message }, { cause });
}
