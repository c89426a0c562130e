/** I-30: what is decided and folded depends on the journal alone, not on where and when it is done. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const CHILD = fileURLToPath(new URL("./fold-golden.child.ts", import.meta.url));
const YEAR_MS = 365 * 24 * 3_600_000;

const places: readonly Readonly<Record<string, string>>[] = [
  { TZ: "UTC", LANG: "C" },
  { TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", CLOCK_SHIFT_MS: `${20 * YEAR_MS}`, HOME: "/nowhere" },
  { TZ: "America/St_Johns", LANG: "de_DE.UTF-8", CLOCK_SHIFT_MS: `${-20 * YEAR_MS}`, TROUPE_STATE: "/elsewhere" },
];

test("journals and histories come to the same under another clock, time zone, language and environment (I-30, I-4)", () => {
  const outputs = places.map((place) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CHILD], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, ...place },
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    return stdout;
  });
  const [first = ""] = outputs;
  expect(first.trim().split("\n").length).toBeGreaterThan(10);
  for (const output of outputs) expect(output).toBe(first);
}, 60_000);
