import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createContextFiles, FILE_MAX_BYTES } from "./context-files.ts";

const base = mkdtempSync(join(tmpdir(), "troupe-context-"));
const root = join(base, "root");
const files = createContextFiles();

function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

beforeAll(() => {
  put("src/a.ts", "a\n");
  put("src/deep/b.ts", "b\n");
  put("src/.hidden.ts", "h\n");
  put("node_modules/x/index.ts", "n\n");
  put(".git-ignored.ts", "");
  put("binary.bin", Buffer.from([1, 0, 2]));
  put("latin.txt", Buffer.from([0x66, 0xfc, 0x72]));
  put("big.txt", "x".repeat(FILE_MAX_BYTES + 1));
  put(".env", "KEY=1\n");
  writeFileSync(join(base, "outside.txt"), "secret\n");
  symlinkSync(join(base, "outside.txt"), join(root, "link.txt"));
  symlinkSync("src/a.ts", join(root, "inside.ts"));
  execFileSync("mkfifo", [join(root, "fifo")]);
});
afterAll(() => rmSync(base, { recursive: true }));

const whyOf = async (pattern: string): Promise<string | undefined> => (await files.read(root, [pattern])).refused[0]?.why;
const pathsOf = async (...patterns: string[]): Promise<string[]> => (await files.read(root, patterns)).files.map(({ path }) => path);

describe("files for the window of an agent", () => {
  test("are found by path or glob, each once, under the first pattern that names it", async () => {
    const { files: found } = await files.read(root, ["src/deep/b.ts", "src/**/*.ts"]);
    expect(found).toEqual([
      { path: "src/a.ts", text: "a\n", pattern: 1 },
      { path: "src/deep/b.ts", text: "b\n", pattern: 0 },
    ]);
    // As in a shell, a name with a dot in front has to be meant.
    expect(await pathsOf("src/.*.ts")).toEqual(["src/.hidden.ts"]);
  });

  test("are not looked for where nobody reads", async () => {
    expect((await pathsOf("**/*.ts")).filter((path) => path.includes("node_modules"))).toEqual([]);
    expect(await whyOf("node_modules/x/index.ts")).toContain("never read");
    expect(await whyOf(".git/config")).toContain("never read");
  });

  test("are plain text of the workspace, or refused with a reason (S-15)", async () => {
    for (const path of ["/etc/passwd", "../outside.txt", "src/../../outside.txt"])
      expect(await whyOf(path)).toContain("outside the workspace");
    for (const path of ["", "a\0b", "a\\b"]) expect(await whyOf(path)).toBe("This is no path.");
    expect(await whyOf("link.txt")).toContain("leads out");
    expect(await whyOf("fifo")).toContain("no plain file");
    expect(await whyOf("binary.bin")).toContain("no text");
    expect(await whyOf("latin.txt")).toContain("no text");
    expect(await whyOf("big.txt")).toContain(`${FILE_MAX_BYTES + 1} bytes`);
    expect(await whyOf("gone.txt")).toContain("No file");
    expect(await whyOf(".env")).toContain("secret");
    expect(await pathsOf("inside.ts")).toEqual(["inside.ts"]);
  });

  test("that git ignores are refused, and nothing of the repository's own configuration runs (S-10)", async () => {
    const repository = join(base, "repository");
    mkdirSync(repository);
    const git = (...args: string[]) => execFileSync("git", ["-C", repository, ...args], { stdio: "ignore" });
    git("init");
    writeFileSync(join(repository, ".gitignore"), "*.log\n");
    writeFileSync(join(repository, "a.log"), "a\n");
    writeFileSync(join(repository, "a.txt"), "a\n");
    const marker = join(base, "pwn");
    writeFileSync(join(repository, "hook.sh"), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    git("config", "core.fsmonitor", "./hook.sh");
    git("config", "core.hooksPath", ".");
    expect(await files.read(repository, ["a.*"])).toEqual({
      files: [{ path: "a.txt", text: "a\n", pattern: 0 }],
      refused: [{ path: "a.log", why: "Git ignores it." }],
    });
    expect(existsSync(marker)).toBe(false);
  });
});
