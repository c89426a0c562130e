import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectRoot, readSettings, type SettingsSources } from "./settings.ts";

let home: string;
let project: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "troupe-settings-"));
  project = join(home, "project");
  mkdirSync(join(project, ".git"), { recursive: true });
  mkdirSync(join(project, "deep", "er"), { recursive: true });
  mkdirSync(join(home, ".config", "troupe"), { recursive: true });
  writeFileSync(join(project, "troupe.config.yaml"), "# of the project\nstate: build/state\nmax_workers: 3\n");
  writeFileSync(join(home, ".config", "troupe", "config.yaml"), "max_workers: 5\noutput: json\nretention_age: 7d\n");
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const read = (sources: Partial<SettingsSources> = {}) =>
  readSettings({ flags: {}, env: { HOME: home }, cwd: join(project, "deep", "er"), ...sources });

describe("the first source that says something wins", () => {
  test("the project's file is found upwards, and its paths are relative to it", async () => {
    const { values, origins, root } = await read();
    expect(root).toBe(project);
    expect([values.state, origins.state]).toEqual([join(project, "build/state"), `${project}/troupe.config.yaml:2:8`]);
    expect([values.max_workers, origins.max_workers]).toEqual([3, `${project}/troupe.config.yaml:3:14`]);
  });

  test("the user's file comes after the project's, defaults after both", async () => {
    const { values, origins } = await read();
    expect([values.output, values.retention_age, values.durability]).toEqual(["json", 7 * 86_400_000, "full"]);
    expect([origins.output, origins.durability]).toEqual([`${home}/.config/troupe/config.yaml:2:9`, "default"]);
  });

  test("variables come before files, and options before variables", async () => {
    const env = { HOME: home, TROUPE_MAX_WORKERS: "7", TROUPE_STATE: "here" };
    const { values, origins } = await read({ env, flags: { max_workers: "9" } });
    expect([values.max_workers, origins.max_workers]).toEqual([9, "--max-workers"]);
    expect([values.state, origins.state]).toEqual([join(project, "deep/er/here"), "TROUPE_STATE"]);
  });

  test("an empty variable says nothing", async () => {
    expect((await read({ env: { HOME: home, TROUPE_MAX_WORKERS: "" } })).values.max_workers).toBe(3);
  });
});

test("outside of a repository nothing above is looked at", () => {
  const outside = join(home, "outside");
  mkdirSync(join(outside, "below"), { recursive: true });
  writeFileSync(join(outside, "troupe.config.yaml"), "state: elsewhere\n");
  expect(projectRoot(join(outside, "below"))).toBe(join(outside, "below"));
});
