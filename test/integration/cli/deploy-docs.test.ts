/** docs/deploy.md: its units are checked by systemd, its backup is restored, its containers at least parsed. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { builtCommand } from "../../support/built.ts";

const PAGE = readFileSync("docs/deploy.md", "utf8");
/** By the path in their first line. */
const files = new Map([...PAGE.matchAll(/^```\w+\n# (\S+)\n([\s\S]*?)^```$/gm)].map(([, path = "", text = ""]) => [path, text]));
const fileOf = (path: string): string => files.get(path) ?? expect.fail(`the page has no ${path}`);
const scriptOf = (name: string): string =>
  new RegExp(`^<!-- ${name} -->\\n\`\`\`sh\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(PAGE)?.[1] ?? expect.fail(`the page has no ${name}`);

let folder: string;
const at = (...path: readonly string[]): string => join(folder, ...path);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "troupe-deploy-"));
  mkdirSync(at("bin"));
  writeFileSync(at("bin/troupe"), `#!/bin/sh\nexec '${process.execPath}' '${builtCommand()}' "$@"\n`);
  // Nothing runs as a service here; that the state is in nobody's use is what the page stops it for.
  writeFileSync(at("bin/systemctl"), "#!/bin/sh\nexit 0\n");
  for (const name of ["troupe", "systemctl"]) chmodSync(at("bin", name), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function shell(script: string) {
  const env = { PATH: [at("bin"), process.env.PATH ?? ""].join(delimiter), HOME: folder, TROUPE_STATE: at("state"), BACKUP: at("backup") };
  const { status, stdout, stderr } = spawnSync("bash", ["-ec", script], { cwd: folder, encoding: "utf8", env });
  return { status, stdout, stderr };
}

describe("docs/deploy.md", () => {
  test("a backup that is restored by its steps holds every run, log and key, and lets what waited go on", { timeout: 60_000 }, () => {
    writeFileSync(
      at("x.troupe.yaml"),
      "name: x\nsteps:\n  - { id: a, run: 'echo once >> ran; echo printed' }\n  - { id: ask, type: approval, prompt: Go?, needs: [a] }\n  - { id: b, needs: [ask], run: echo went }\n",
    );
    mkdirSync(at("backup"), { mode: 0o700 });
    expect(shell("troupe run x.troupe.yaml; troupe keys create ann --role admin").status).toBe(3);
    expect(shell("troupe keys create ann --role admin").status).toBe(0);
    const backedUp = shell(scriptOf("backup"));
    expect([backedUp.status, backedUp.stderr]).toEqual([0, ""]);
    // What came after the backup is gone with the disk, as is everything else.
    shell("troupe run x.troupe.yaml");
    writeFileSync(at("state/troupe.db"), "a disk that has failed");
    expect(shell("troupe list").status).toBe(6);
    const restored = shell(scriptOf("restore"));
    expect([restored.status, restored.stdout]).toEqual([0, expect.stringContaining("The journal is whole.")]);
    expect(restored.stdout).toContain("compared with");
    expect(shell("troupe logs @latest a").stdout).toContain("printed");
    expect(shell("troupe keys ls").stdout).toContain("ann");
    const approved = shell("troupe approve @latest ask --as ann");
    expect([approved.status, approved.stdout]).toEqual([0, expect.stringContaining("x succeeded")]);
    // Once for each of the two runs: restoring repeated nothing.
    expect(readFileSync(at("ran"), "utf8")).toBe("once\nonce\n");
    expect(shell("troupe verify").status).toBe(0);
  });

  const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
  if (!hasSystemd) console.warn("SKIPPED: systemd-analyze is not installed (apt-get install systemd)");

  test.runIf(hasSystemd)("its units are what systemd takes without a word, and leave little exposed", () => {
    mkdirSync(at("units"));
    for (const [path, text] of files) {
      if (!path.startsWith("/etc/systemd/system/")) continue;
      // The command and its user are not there on this machine.
      const runnable = text.replaceAll("/usr/bin/troupe", at("bin/troupe")).replaceAll(/^(User|Group)=troupe$/gm, "$1=root");
      writeFileSync(at("units", path.split("/").at(-1) ?? ""), runnable);
    }
    const units = ["troupe.service", "troupe-prune.service", "troupe-prune.timer"].map((name) => at("units", name));
    const verified = spawnSync("systemd-analyze", ["verify", ...units], { encoding: "utf8" });
    const ours = verified.stderr.split("\n").filter((line) => line.includes("troupe"));
    expect([verified.status, ours]).toEqual([0, []]);
    const exposed = spawnSync(
      "systemd-analyze",
      ["security", "--offline=true", "--threshold=45", "--no-pager", at("units/troupe.service")],
      { encoding: "utf8" },
    );
    expect([exposed.status, exposed.stdout.split("\n").at(-2)]).toEqual([0, expect.stringContaining("exposure level")]);
  });

  test("the unit says what the page explains: a suspended engine has not failed, and steps outlive it", () => {
    const unit = fileOf("/etc/systemd/system/troupe.service");
    const setting = (name: string): readonly string[] =>
      [...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value = ""]) => value);
    expect(setting("SuccessExitStatus")).toEqual(["143"]);
    expect(setting("KillMode")).toEqual(["process"]);
    expect(setting("MemoryDenyWriteExecute")).toEqual([]);
    const known = shell("troupe serve --help").stdout;
    for (const flag of setting("ExecStart")[0]?.match(/--[a-z-]+/g) ?? []) expect(known).toContain(flag);
  });

  test("the container's files parse, and name flags that exist", () => {
    const { services } = parse(fileOf("compose.yaml"));
    expect(services.troupe).toMatchObject({ cap_drop: ["ALL"], read_only: true });
    const known = shell("troupe serve --help").stdout;
    const command: readonly string[] = JSON.parse(/^CMD (.*)$/m.exec(fileOf("Dockerfile"))?.[1] ?? "");
    for (const word of command.filter((one) => one.startsWith("--"))) expect(known).toContain(word);
  });
});
