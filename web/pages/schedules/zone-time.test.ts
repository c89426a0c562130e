import { expect, test } from "vitest";
import { inZone } from "./zone-time.ts";

test("a time is told as it is in the zone, and in UTC where the zone is not known", () => {
  const at = Date.parse("2026-11-22T23:30:00Z");
  expect(inZone(at, "Europe/Berlin")).toMatch(/Mon,? 23 Nov,? 00:30 (CET|GMT\+1)/);
  expect(inZone(at, "Mars/Olympus")).toMatch(/Sun,? 22 Nov,? 23:30 (UTC|GMT)/);
});
