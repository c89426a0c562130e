import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openMetricsFile } from "./metrics-file.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "troupe-metrics-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const silent = (): void => {};

test("the file is there at once and holds the last word at the end, with nothing beside it", async () => {
  const path = folder();
  const file = join(path, "troupe.prom");
  let text = "a 1\n";
  const kept = await openMetricsFile({ file, text: async () => text, warn: silent });
  expect(readFileSync(file, "utf8")).toBe("a 1\n");
  text = "a 2\n";
  await kept[Symbol.asyncDispose]();
  expect(readFileSync(file, "utf8")).toBe("a 2\n");
  expect(readdirSync(path)).toEqual(["troupe.prom"]);
});

test("a file that cannot be written is refused at the start", async () => {
  const file = join(folder(), "missing", "troupe.prom");
  await expect(openMetricsFile({ file, text: async () => "", warn: silent })).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
});

test("I-38: one that cannot be written later is told once, and nothing fails", async () => {
  const path = folder();
  const said: string[] = [];
  const kept = await openMetricsFile({ file: join(path, "troupe.prom"), text: async () => "", warn: (message) => said.push(message) });
  rmSync(path, { recursive: true });
  await kept[Symbol.asyncDispose]();
  await kept[Symbol.asyncDispose]();
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^The metrics could not be written to .*troupe\.prom: ENOENT/);
});
