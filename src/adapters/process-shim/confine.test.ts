import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NO_LIMITS } from "../../plan/profile.ts";
import type { Confinement } from "../../ports/confinement.ts";
import { createConfiner } from "./confine.ts";

let folder = "";
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "troupe-confine-")));
  for (const name of ["bin", "less", "walled", "none", "work", "work/out", "elsewhere"]) mkdirSync(join(folder, name));
  for (const name of ["bin/prlimit", "bin/bwrap", "less/prlimit", "walled/prlimit"]) program(name, "exit 0");
  program("walled/bwrap", "echo 'bwrap: No permissions to create new namespace' >&2; exit 1");
  symlinkSync("../elsewhere", join(folder, "work", "link"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

function confine(differs: Partial<Confinement>, home = "/home/me"): readonly string[] {
  const confiner = createConfiner({ PATH: `relative:${folder}/bin`, HOME: home });
  const root = `${folder}/work`;
  const confinement: Confinement = {
    level: "sandboxed",
    limits: { ...NO_LIMITS, memoryBytes: 1_024, openFiles: 9 },
    network: false,
    root,
    writable: [root],
    hidden: ["/state"],
    ...differs,
  };
  return confiner.confine(["git", "status"], confinement, "/state/attempts/1");
}

/** Where each mount stands, in order. */
function mountsOf(argv: readonly string[]): readonly string[] {
  return argv.flatMap((word, index) => (/^--(?:tmpfs|bind|ro-bind)$/.test(word) ? [`${word.slice(2)} ${argv[index + 1]}`] : []));
}

describe("what this machine cannot do", () => {
  test("is told, each level by what it needs", () => {
    const whyNot = (path: string | undefined) => {
      const confiner = createConfiner(path === undefined ? {} : { PATH: path });
      return (["none", "restricted", "sandboxed"] as const).map((level) => confiner.whyNot(level));
    };
    expect(whyNot(`${folder}/bin`)).toEqual([null, null, null]);
    expect(whyNot(`${folder}/less`)).toEqual([null, null, expect.stringContaining("`bwrap` is not installed")]);
    expect(whyNot(`${folder}/walled`)).toEqual([null, null, expect.stringContaining("No permissions to create new namespace")]);
    for (const path of [`${folder}/none`, "bin", undefined])
      expect(whyNot(path)).toEqual([null, ...Array(2).fill(expect.stringContaining("`prlimit` is not installed"))]);
  });
});

describe("a command", () => {
  test("gets the limits that there are, and no others", () => {
    expect(confine({ level: "restricted" })).toEqual([`${folder}/bin/prlimit`, "--as=1024", "--nofile=9", "--", "git", "status"]);
  });

  test("that is sandboxed sees the root read-only, and may write what is bound over it, outer directories first", () => {
    const argv = confine({});
    expect(mountsOf(argv)[0]).toBe("ro-bind /");
    const at = (mount: string): number => mountsOf(argv).indexOf(mount);
    for (const mount of ["tmpfs /tmp", "tmpfs /run", "tmpfs /home/me", "tmpfs /state"]) expect(at(mount), mount).toBeGreaterThan(0);
    expect(at(`bind ${folder}/work`)).toBeGreaterThan(at("tmpfs /tmp"));
    expect(at("bind /state/attempts/1")).toBeGreaterThan(at("tmpfs /state"));
    expect(argv).toContain("--unshare-net");
    expect(confine({ network: true })).not.toContain("--unshare-net");
    expect(argv.slice(argv.indexOf("--") + 1)[0]).toBe(`${folder}/bin/prlimit`);
  });

  test("reads all of its workspace where it may write a part of it only", () => {
    const mounts = mountsOf(confine({ writable: [`${folder}/work/out`] }));
    expect(mounts.slice(mounts.indexOf(`ro-bind ${folder}/work`)).at(-1)).toBe(`bind ${folder}/work/out`);
    expect(mounts).not.toContain(`bind ${folder}/work`);
  });

  test("may write nothing behind a link that leads out of its workspace (S-15)", () => {
    expect(mountsOf(confine({ writable: [`${folder}/work/link`, `${folder}/work/out`] }))).not.toContain(`bind ${folder}/work/link`);
  });
});
