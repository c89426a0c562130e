import { expect, test } from "vitest";
import { FencedError } from "../core/errors.ts";
import type { Epoch } from "../core/ids.ts";
import type { BreakerStore } from "../ports/breaker.ts";
import type { Store } from "../ports/store.ts";
import { createDurableBreakers } from "./durable-breakers.ts";

test("a store that cannot be read any more ends an engine through those who can say so, not through the watch for breakers", async () => {
  let tick = (): void => {};
  let isReadable = true;
  const store: BreakerStore & Pick<Store, "watch"> = {
    breakers() {
      if (!isReadable) throw new FencedError("STORE_UNUSABLE", { problem: "database disk image is malformed" });
      return [];
    },
    keepBreaker: () => Promise.resolve(),
    watch(onChange) {
      tick = onChange;
      return { [Symbol.dispose]() {} };
    },
  } as BreakerStore & Pick<Store, "watch">;
  using breakers = createDurableBreakers();
  using _kept = await breakers.keep(store, 1 as Epoch, () => {});
  isReadable = false;
  expect(tick).not.toThrow();
});
