/** The engine's log in a file, for those who collect JSON lines. */
import { RequestError } from "../core/errors.ts";
import type { Observation, ObservationOptions } from "./observation.ts";

export function observeLog({ logFile, logLevel = "info", warn }: ObservationOptions): Promise<Observation> | null {
  if (logFile === undefined) return null;
  const open = async (): Promise<Observation> => {
    const { openEngineLog } = await import("../../observability/engine-log.ts");
    return await openEngineLog({ file: logFile, level: logLevel, warn }).catch((cause: Error) => {
      throw new RequestError("FILE_UNWRITABLE", { file: logFile, problem: cause.message }, { cause });
    });
  };
  return open();
}
