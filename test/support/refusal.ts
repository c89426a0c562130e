/** The refusal that a call ends in; anything else that happens is thrown. */
import { DefinitionError } from "../../src/core/errors.ts";

export function refusal(run: () => unknown): DefinitionError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof DefinitionError) return thrown;
    throw thrown;
  }
  throw new Error("nothing was refused");
}
