import { expect, test } from "vitest";
import { DefinitionError, FencedError, InvariantError, RequestError, TransientError, type TroupeError } from "./errors.ts";
import { reviveError } from "./revive-error.ts";

test.each([
  new DefinitionError("DEF_SYNTAX", { problem: "a brace is missing" }),
  new RequestError("RUN_NOT_FOUND", { run: "run_1" }, { fix: "Look again." }),
  new TransientError("BACKPRESSURE", { depth: 9, bound: 10 }),
  new FencedError("EPOCH_LOST", { current: 3, epoch: 2 }),
  new InvariantError("INV_KERNEL", { problem: "odd" }),
] satisfies readonly TroupeError[])("$code is what it was, with its class, message and advice", (error) => {
  const revived = reviveError(JSON.parse(JSON.stringify(error)));
  expect(revived).toBeInstanceOf(error.constructor);
  expect(revived.toJSON()).toEqual(error.toJSON());
});

test("a code that is not known is a store that cannot be used, in the words that came", () => {
  const revived = reviveError({ code: "FROM_THE_FUTURE", message: "A new thing.", details: { new: 1 } });
  expect(revived).toMatchObject({ code: "STORE_UNUSABLE", message: expect.stringContaining("A new thing.") });
});
