import { createHash } from "node:crypto";
import {
  chmodSync,
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
import type { Digest } from "../../core/ids.ts";
import type { DeclaredFile, DeclaredFiles } from "../../ports/cache.ts";
import { contentOf } from "../../ports/cache-content.ts";
import { createFileDigests } from "./file-digests.ts";
import { createWorkspaceTree } from "./tree.ts";

const base = mkdtempSync(join(tmpdir(), "troupe-tree-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let places = 0;

function place(files: Readonly<Record<string, string>> = {}): string {
  places += 1;
  const root = join(base, `root${places}`);
  mkdirSync(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

const tree = createWorkspaceTree(createFileDigests());
const digestOf = (content: string): Digest => createHash("sha256").update(content).digest("hex") as Digest;
const pathsOf = (answer: DeclaredFiles): readonly string[] | string => (answer.ok ? answer.files.map(({ path }) => path) : answer.problem);
const file = (path: string, content: string, isExecutable = false): DeclaredFile => ({
  path,
  sha256: digestOf(content),
  bytes: Buffer.byteLength(content),
  isExecutable,
});
const giving =
  (...contents: readonly string[]) =>
  async (digest: Digest) => {
    const content = contents.find((one) => digestOf(one) === digest);
    return content === undefined ? null : contentOf(Buffer.from(content));
  };

describe("declared files", () => {
  const root = place({ "src/a.ts": "a", "src/deep/b.ts": "b", "src/c.md": "c", "d.ts": "d", ".git/x.ts": "x", ".troupe/y.ts": "y" });

  test.each<[readonly string[], readonly string[]]>([
    [["src/a.ts"], ["src/a.ts"]],
    [["src"], ["src/a.ts", "src/c.md", "src/deep/b.ts"]],
    [["src/"], ["src/a.ts", "src/c.md", "src/deep/b.ts"]],
    [["**/*.ts"], ["d.ts", "src/a.ts", "src/deep/b.ts"]],
    [
      ["*.ts", "src/*.{ts,md}", "d.ts"],
      ["d.ts", "src/a.ts", "src/c.md"],
    ],
    [[".git/*"], [".git/x.ts"]],
    [[], []],
  ])("%j are %j", async (patterns, paths) => {
    expect(pathsOf(await tree.list(root, patterns))).toEqual(paths);
  });

  test("are told by content and by whether they can be executed", async () => {
    chmodSync(join(root, "d.ts"), 0o755);
    expect(await tree.list(root, ["d.ts"])).toEqual({ ok: true, files: [file("d.ts", "d", true)], unmatched: [] });
  });

  test("that no file fits are named", async () => {
    expect(await tree.list(root, ["none/**", "d.ts"])).toMatchObject({ ok: true, unmatched: ["none/**"] });
  });

  test.each(["../x", "/etc/passwd", "src/../../x", "{..,src}/*", "a\\b"])("never lie outside: %j (S-15)", async (pattern) => {
    writeFileSync(join(base, "x"), "outside");
    expect(await tree.list(root, [pattern])).toMatchObject({ ok: false });
  });

  test("behind a link that leads out are refused, behind one that stays inside are read", async () => {
    const linked = place({ "a/x": "x" });
    symlinkSync("a/x", join(linked, "inside"));
    expect(await tree.list(linked, ["inside"])).toEqual({ ok: true, files: [file("inside", "x")], unmatched: [] });
    symlinkSync("/etc/hostname", join(linked, "outside"));
    expect(await tree.list(linked, ["*"])).toMatchObject({ ok: false, problem: expect.stringContaining("leads out of the workspace") });
  });
});

describe("the digest of a file", () => {
  test("is kept while nothing about the file changes, and never for one that changed a moment ago", async () => {
    const root = place({ a: "1" });
    const path = join(root, "a");
    let now = Date.now();
    const digests = createFileDigests(() => now);
    for (let time = 0; time < 2; time++) await digests.of(path);
    expect(digests.read).toBe(2);
    now += 10_000;
    for (let time = 0; time < 3; time++) expect((await digests.of(path))?.sha256).toBe(digestOf("1"));
    expect(digests.read).toBe(3);
    // Of equal size and equal time of content: the time of its status tells.
    const { atimeMs, mtimeMs } = statSync(path);
    writeFileSync(path, "2");
    utimesSync(path, atimeMs / 1_000, mtimeMs / 1_000);
    expect((await digests.of(path))?.sha256).toBe(digestOf("2"));
  });
});

describe("files that are put back", () => {
  test("are whole, in their places, and able to run as they were", async () => {
    const root = place();
    const files = [file("out/a", "1"), file("out/bin/run", "2", true)];
    expect(await tree.restore(root, files, giving("1", "2"))).toEqual({ ok: true, written: 2, unchanged: 0 });
    expect([readFileSync(join(root, "out/a"), "utf8"), statSync(join(root, "out/bin/run")).mode & 0o111]).toEqual(["1", 0o111]);
    expect(await tree.restore(root, files, giving())).toEqual({ ok: true, written: 0, unchanged: 2 });
  });

  test.each<[string, (digest: Digest) => ReturnType<ReturnType<typeof giving>>]>([
    ["is missing", giving("1")],
    ["was changed", async () => contentOf(Buffer.from("1"))],
  ])("are all left alone when the content of one %s (I-32)", async (problem, read) => {
    const root = place({ "out/a": "old" });
    expect(await tree.restore(root, [file("out/a", "1"), file("out/b", "2")], read)).toEqual({
      ok: false,
      because: "content",
      problem: `the content of \`out/b\` ${problem}`,
    });
    expect([readFileSync(join(root, "out/a"), "utf8"), readdirSync(join(root, "out"))]).toEqual(["old", ["a"]]);
  });

  test("take away what a killed process left beside them (I-32)", async () => {
    const left = "out/.troupe-0190f3a1-b2c3-4d4e-8f90-a1b2c3d4e5f6.tmp";
    const root = place({ [left]: "half" });
    utimesSync(join(root, left), 0, 0);
    expect(await createWorkspaceTree(createFileDigests(() => 0)).restore(root, [file("out/a", "1")], giving("1"))).toMatchObject({
      ok: true,
    });
    expect(readdirSync(join(root, "out"))).toEqual(["a"]);
  });

  test("never go through a link that leads out, nor over a link or a directory (S-15)", async () => {
    const root = place({ "dir/x": "x" });
    const outside = place();
    symlinkSync(outside, join(root, "out"));
    symlinkSync(join(outside, "target"), join(root, "link"));
    for (const path of ["out/a", "link", "dir", "../a", "/tmp/a"])
      expect(await tree.restore(root, [file(path, "1")], giving("1")), path).toMatchObject({ ok: false, because: "path" });
    expect(readdirSync(outside)).toEqual([]);
    expect(readdirSync(root).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
