import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { WriteAnswer } from "../../ports/workspace.ts";
import { createWorkspaceFiles } from "./workspace-files.ts";

const base = mkdtempSync(join(tmpdir(), "troupe-files-"));
const root = join(base, "root");
mkdirSync(join(base, "outside"));
mkdirSync(root);
afterAll(() => rmSync(base, { recursive: true }));

const files = createWorkspaceFiles();
const write = (path: string, content = "text"): Promise<WriteAnswer> => files.write(root, path, content);
const leftovers = (): string[] => readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".tmp"));

describe("a file", () => {
  test("is written with its directories, and told by size and digest", async () => {
    expect(await write("a/b/c.txt", "é")).toEqual({
      ok: true,
      file: { path: "a/b/c.txt", bytes: 2, sha256: "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c" },
    });
    expect(readFileSync(join(root, "a/b/c.txt"), "utf8")).toBe("é");
  });

  test("that is there is replaced whole and keeps its mode", async () => {
    writeFileSync(join(root, "script"), "old");
    chmodSync(join(root, "script"), 0o750);
    expect(await write("./script", "new")).toMatchObject({ ok: true });
    expect(readFileSync(join(root, "script"), "utf8")).toBe("new");
    expect(statSync(join(root, "script")).mode & 0o777).toBe(0o750);
  });

  test("of two writers at once is one of theirs, never a mixture (I-32)", async () => {
    const texts = ["a", "b", "c", "d"].map((char) => char.repeat(100_000));
    await Promise.all(texts.map((content) => write("contested", content)));
    expect(texts).toContain(readFileSync(join(root, "contested"), "utf8"));
    expect(leftovers()).toEqual([]);
  });

  test("takes away what a killed writer left beside it an hour ago, and nothing else (I-32)", async () => {
    const directory = join(root, "swept");
    mkdirSync(directory);
    const names = {
      old: ".troupe-0190f3a1-b2c3-4d4e-8f90-a1b2c3d4e5f6.tmp",
      young: ".troupe-0190f3a1-b2c3-4d4e-8f90-a1b2c3d4e5f7.tmp",
      foreign: ".troupe-notes.tmp",
    };
    const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
    for (const name of Object.values(names)) writeFileSync(join(directory, name), "half");
    for (const name of [names.old, names.foreign]) utimesSync(join(directory, name), hoursAgo, hoursAgo);
    expect(await write("swept/file")).toMatchObject({ ok: true });
    expect(readdirSync(directory).sort()).toEqual([names.young, names.foreign, "file"].sort());
    for (const name of [names.young, names.foreign]) rmSync(join(directory, name));
  });

  test("may have the longest name there is (F-50)", async () => {
    expect(await write("n".repeat(255))).toMatchObject({ ok: true });
    expect(await write("n".repeat(256))).toMatchObject({ ok: false, code: "PATH_NAME_TOO_LONG" });
    expect(await write("é".repeat(128))).toMatchObject({ ok: false, code: "PATH_NAME_TOO_LONG" });
  });
});

describe("a path (S-15)", () => {
  test.each(["/etc/x", "../x", "a/../../x", "a\\b", "a\0b", "..", "a/.."])("%j is refused", async (path) => {
    expect(await write(path)).toMatchObject({ ok: false, code: "PATH_OUTSIDE" });
  });

  test("that names no file is refused", async () => {
    for (const path of ["", ".", "a/", "./"]) expect(await write(path)).toMatchObject({ ok: false, code: "PATH_IS_DIRECTORY" });
    mkdirSync(join(root, "directory"));
    execFileSync("mkfifo", [join(root, "fifo")]);
    expect(await write("directory")).toMatchObject({ ok: false, code: "PATH_IS_DIRECTORY" });
    expect(await write("fifo")).toMatchObject({ ok: false, code: "PATH_NOT_A_FILE" });
  });

  test("that decodes to another is taken as it is written", async () => {
    expect(await write("%2e%2e/x")).toMatchObject({ ok: true });
    expect(existsSync(join(root, "%2e%2e/x"))).toBe(true);
  });

  test("through a link that leads out is refused, through one that stays inside is not", async () => {
    symlinkSync(join(base, "outside"), join(root, "out"));
    symlinkSync("a", join(root, "in"));
    symlinkSync(join(base, "outside/target"), join(root, "link"));
    expect(await write("out/x")).toMatchObject({ ok: false, code: "PATH_OUTSIDE" });
    expect(await write("out/deep/x")).toMatchObject({ ok: false, code: "PATH_OUTSIDE" });
    expect(await write("link")).toMatchObject({ ok: false, code: "PATH_IS_LINK" });
    expect(await write("in/x")).toMatchObject({ ok: true });
    expect(readdirSync(join(base, "outside"))).toEqual([]);
  });

  test("over a file is a typed error, and nothing half-written stays", async () => {
    writeFileSync(join(root, "plain"), "");
    expect(await write("plain/x")).toMatchObject({ ok: false });
    expect(await files.write(join(base, "missing"), "x", "")).toMatchObject({ ok: false, code: "ENOENT" });
    expect(leftovers()).toEqual([]);
  });
});
