/** Data that comes from outside with an answer. It goes into the journal as it is, so it has to be JSON, and not too much of it. */
import { RequestError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { copyJson } from "./prepare-run.ts";

const DATA_MAX_CHARS = 256 * 1024;

/** @throws RequestError VALUE_NOT_JSON */
export function toAnswerData(given: Json | undefined): Json {
  const data = copyJson(given ?? null, "data") ?? null;
  const { length } = JSON.stringify(data);
  if (length <= DATA_MAX_CHARS) return data;
  throw new RequestError(
    "VALUE_NOT_JSON",
    { problem: `\`data\` has ${length} characters, and may have ${DATA_MAX_CHARS}` },
    { fix: "Send a reference to it, such as a URL." },
  );
}
