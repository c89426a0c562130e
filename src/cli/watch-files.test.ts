import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type FileWatch, watchFiles } from "./watch-files.ts";

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

function place(): {
  readonly cwd: string;
  readonly write: (path: string) => void;
  readonly watch: (...patterns: readonly string[]) => FileWatch;
} {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), "troupe-watch-")));
  roots.push(cwd);
  const write = (path: string): void => {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), String(Math.random()));
  };
  const watch = (...patterns: readonly string[]): FileWatch =>
    watchFiles({
      cwd,
      patterns,
      state: join(cwd, ".troupe"),
      warn: (message) => {
        throw new Error(message);
      },
    });
  return { cwd, write, watch };
}

describe("files that change", () => {
  test("are told together once all is quiet, by their path below here", async () => {
    const { write, watch } = place();
    write("src/a.ts");
    using files = watch("src/**/*.ts", "*.json");
    const changed = files.changed();
    for (const path of ["src/a.ts", "src/b.ts", "src/c.md", "package.json", "other.ts"]) write(path);
    expect(await changed).toEqual(["package.json", "src/a.ts", "src/b.ts"]);
  });

  test("while nobody asks are told to whoever asks next", async () => {
    const { write, watch } = place();
    write("src/a.ts");
    using files = watch("src/*.ts");
    const first = files.changed();
    write("src/a.ts");
    await first;
    write("src/b.ts");
    expect(await files.changed()).toEqual(["src/b.ts"]);
  });

  test("in a directory that has just come count, also one that was moved here, and what is removed", async () => {
    const { cwd, write, watch } = place();
    write("src/old.ts");
    write("elsewhere/deep/moved.ts");
    using files = watch("src/**");
    const changed = files.changed();
    write("src/new/deep/made.ts");
    renameSync(join(cwd, "elsewhere"), join(cwd, "src/here"));
    rmSync(join(cwd, "src/old.ts"));
    expect((await changed).filter((path) => path.endsWith(".ts"))).toEqual([
      "src/here/deep/moved.ts",
      "src/new/deep/made.ts",
      "src/old.ts",
    ]);
  });

  test("of the state directory, of git, of packages, and what git ignores do not count", async () => {
    const { cwd, write, watch } = place();
    execFileSync("git", ["init", "-q"], { cwd });
    writeFileSync(join(cwd, ".gitignore"), "out/\n*.log\n");
    for (const path of ["out/x.ts", ".troupe/x.ts", "node_modules/p/x.ts", "src/a.ts"]) write(path);
    using files = watch("**/*");
    const changed = files.changed();
    for (const path of ["out/x.ts", ".troupe/x.ts", ".git/x.ts", "node_modules/p/x.ts", "src/x.log", "src/a.ts"]) write(path);
    expect(await changed).toEqual(["src/a.ts"]);
  });

  test("of ten thousand, one is noticed, and its directories alone are watched", { timeout: 60_000 }, async () => {
    const { write, watch } = place();
    for (let index = 0; index < 10_000; index++) write(`src/d${index % 100}/f${index}.ts`);
    using files = watch("src/**/*.ts");
    expect(files.directories).toBe(101);
    const changed = files.changed();
    write("src/d7/f4207.ts");
    expect(await changed).toEqual(["src/d7/f4207.ts"]);
  });
});
