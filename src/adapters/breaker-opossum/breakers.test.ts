import { afterEach, describe, expect, test } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import { createBreakers } from "./breakers.ts";

const breakers = createBreakers({ resetMs: 60, volumeThreshold: 3 });
afterEach(() => breakers[Symbol.dispose]());

const call = (answer: string, target = "t"): Promise<unknown> =>
  breakers.call(
    target,
    () => Promise.resolve(answer),
    (result) => result === "bad",
  );
const halfOpen = (): Promise<void> => eventually(() => expect(breakers.state("t")).toBe("half_open"));

async function open(): Promise<void> {
  for (let i = 0; i < 3; i++) expect(await call("bad")).toBe("bad");
  expect(breakers.state("t")).toBe("open");
}

describe("a breaker", () => {
  test("opens on failures of its target only, and tells when to come back", async () => {
    await open();
    let ran = false;
    const answer = await breakers.call(
      "t",
      () => {
        ran = true;
        return Promise.resolve(0);
      },
      () => false,
    );
    expect(answer).toMatchObject({ open: true });
    expect((answer as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(0);
    expect((answer as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(60);
    expect(ran).toBe(false);
    expect(await call("good", "other")).toBe("good");
  });

  test("is listed with its state once its target has been called", async () => {
    expect([...breakers.states()]).toEqual([]);
    await call("good", "other");
    await open();
    expect([...breakers.states()]).toEqual([
      ["other", "closed"],
      ["t", "open"],
    ]);
  });

  test("stays closed below its volume, and for failures of the user", async () => {
    for (let i = 0; i < 2; i++) await call("bad");
    expect(breakers.state("t")).toBe("closed");
    for (let i = 0; i < 20; i++) await call("the user's own");
    for (let i = 0; i < 3; i++)
      await expect(
        breakers.call(
          "t",
          () => Promise.reject(new Error("thrown")),
          () => true,
        ),
      ).rejects.toThrow("thrown");
    expect(breakers.state("t")).toBe("closed");
  });

  test("lets one probe through when half open; a good one closes it", async () => {
    await open();
    await halfOpen();
    const probe = Promise.withResolvers<string>();
    const first = breakers.call(
      "t",
      () => probe.promise,
      () => false,
    );
    expect(await call("good")).toMatchObject({ open: true, retryAfterMs: 1_000 });
    probe.resolve("back");
    expect(await first).toBe("back");
    expect(breakers.state("t")).toBe("closed");
  });

  test("opens again on a bad probe", async () => {
    await open();
    await halfOpen();
    expect(await call("bad")).toBe("bad");
    expect(breakers.state("t")).toBe("open");
  });

  test("costs far less than a millisecond a call (O7)", async () => {
    for (let i = 0; i < 200; i++) await call("good");
    const began = performance.now();
    for (let i = 0; i < 2_000; i++) await call("good");
    expect((performance.now() - began) / 2_000).toBeLessThan(0.2);
  });

  test("of a target never called is closed, and many targets do not fill the memory", async () => {
    expect(breakers.state("unknown")).toBe("closed");
    for (let i = 0; i < 1_100; i++) await call("good", `host-${i}`);
    expect(breakers.state("host-1099")).toBe("closed");
  });
});
