/** An error of ours that has crossed a thread or a process, as the class that its code belongs to. */
import { catalogue, type ErrorCode } from "./catalogue.ts";
import {
  DefinitionError,
  FencedError,
  InvariantError,
  RequestError,
  type SerialisedError,
  TransientError,
  type TroupeError,
} from "./errors.ts";
import type { JsonObject } from "./json.ts";

/** A code that is not known, as a newer Troupe may have written it, counts as a store that cannot be used. */
export function reviveError({ code, message, details, fix }: SerialisedError): TroupeError {
  const known = (code in catalogue ? code : "STORE_UNUSABLE") as ErrorCode;
  // Details were made by our own `toJSON`; their values are what the message was filled from.
  const values = (known === code && details !== undefined ? details : { problem: message }) as JsonObject & Record<string, string>;
  const options = fix === undefined ? {} : { fix };
  switch (catalogue[known].kind) {
    case "definition":
      return new DefinitionError(known, values, options);
    case "request":
      return new RequestError(known, values, options);
    case "transient":
      return new TransientError(known, values, options);
    case "fenced":
      return new FencedError(known, values, options);
    case "invariant":
      return new InvariantError(known, values, options);
  }
}
