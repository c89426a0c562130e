import { setTimeout as sleep } from "node:timers/promises";
import { describe, test } from "vitest";
test.skip("off", () => {});
test.todo("later");
describe.only("alone", () => {});
test("should add", async () => {
  await sleep(5);
  await new Promise((resolve) => setTimeout(resolve, 5));
});
test("again and again", { retry: 3 }, () => {});
test.skipIf(process.platform === "win32")("a condition is allowed", () => {});
