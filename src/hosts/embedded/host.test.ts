import { describe, expect, test } from "vitest";
import { openHost } from "../../../test/support/host-bench.ts";
import { buildWorkflow } from "../../../test/support/workflow-builder.ts";

const ONE = buildWorkflow([{ id: "a" }]);

describe("admission (I-37)", () => {
  test("counts causes that nobody has decided yet", async () => {
    const { start } = await openHost({ workflow: ONE, queueBound: 10 });
    const ends = await Promise.allSettled(Array.from({ length: 12 }, (_, n) => start(n)));
    expect(ends.map(({ status }) => status).filter((status) => status === "fulfilled")).toHaveLength(8);
    expect(ends.at(-1)).toMatchObject({ reason: { code: "BACKPRESSURE", details: { depth: 8, bound: 10 } } });
  });

  test("has room again when they are decided", async () => {
    const { start } = await openHost({ workflow: ONE, queueBound: 10 });
    await Promise.allSettled(Array.from({ length: 12 }, (_, n) => start(n)));
    await expect(start(20)).resolves.toMatch(/20$/);
  });
});
