/** docs/ci.md: its jobs are parsed as a server would, and what they run is run, in their order, by the real command. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { builtCommand } from "../../support/built.ts";
import { obeyedByGitHub } from "../../support/github-runner.ts";
import { checkJUnit } from "../../support/junit-schema.ts";

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly steps: readonly Step[];
}

const snippets = [...readFileSync("docs/ci.md", "utf8").matchAll(/^```yaml\n# (\S+)\n([\s\S]*?)^```$/gm)].map(
  ([, file = "", text = ""]) => ({ file, document: parse(text) as Record<string, unknown> }),
);
const snippet = (file: string): Record<string, unknown> => snippets.find((one) => one.file === file)?.document ?? expect.fail(`no ${file}`);
const jobOf = (file: string): Job => Object.values(snippet(file).jobs as Record<string, Job>)[0] ?? expect.fail("no job");

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A repository with a workflow, its test, and `npx` that knows one package. */
function repository(workflow: string): string {
  const folder = mkdtempSync(join(tmpdir(), "troupe-ci-"));
  folders.push(folder);
  writeFileSync(join(folder, "release.troupe.yaml"), workflow);
  const answers = workflow.includes("ask") ? ", answers: { ask: { output: { decision: approved } } }" : "";
  writeFileSync(join(folder, "release.test.yaml"), `mocks: { "*": { output: {} } }\ncases: [{ name: it goes well${answers} }]\n`);
  mkdirSync(join(folder, "bin"));
  for (const [name, body] of [
    ["npx", `shift; exec '${process.execPath}' '${builtCommand()}' "$@"`],
    ["npm", "exit 0"],
  ] as const) {
    writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, "bin", name), 0o755);
  }
  return folder;
}

function shell(folder: string, script: string, env: Readonly<Record<string, string>>) {
  return spawnSync("bash", ["-e", "-c", script], {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: [join(folder, "bin"), process.env.PATH ?? ""].join(delimiter),
      HOME: folder,
      TMPDIR: process.env.TMPDIR ?? "/tmp",
      ...env,
    },
  });
}

/** Runs the steps of a job as the runner would; a failure is not the end where the next step says so. */
function play(job: Job, folder: string, given: Readonly<Record<string, string>> = {}) {
  const outputs: Record<string, string> = {};
  const github = { GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: folder, GITHUB_STEP_SUMMARY: join(folder, "summary.md"), GITHUB_ACTOR: "ann" };
  const filled = (text: string): string =>
    text.replaceAll(
      /\$\{\{\s*(.+?)\s*\}\}/g,
      (_, name: string) => outputs[name] ?? given[name] ?? expect.fail(`nothing is known of ${name}`),
    );
  const played = job.steps.flatMap(({ id, run, env = {} }) => {
    if (run === undefined) return [];
    const file = join(folder, `outputs-${id ?? ""}`);
    const own = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value)]));
    const { status, stdout, stderr } = shell(folder, run, { ...github, GITHUB_OUTPUT: file, ...own });
    if (existsSync(file))
      for (const line of readFileSync(file, "utf8").trim().split("\n"))
        outputs[`steps.${id}.outputs.${line.split("=")[0]}`] = line.split("=")[1] ?? "";
    return [{ run, status, stdout, stderr }];
  });
  return { played, outputs };
}

const WORKFLOW = "name: release\nsteps:\n  - { id: build, run: echo built, timeout: 1m, cache: {} }\n";
const ASKING = `${WORKFLOW}  - { id: ask, type: approval, prompt: "Release?", needs: [build], }\n  - { id: publish, needs: [ask], run: echo published, timeout: 1m }\n`;
const SECRETS = { "secrets.TROUPE_CACHE_SECRET": "0123456789abcdef" };

describe("the jobs of docs/ci.md", () => {
  test("are there, and every action is pinned by its commit (S-44)", () => {
    expect(snippets.map(({ file }) => file)).toEqual([
      ".github/workflows/release.yml",
      ".gitlab-ci.yml",
      ".github/workflows/release-decide.yml",
    ]);
    const used = [".github/workflows/release.yml", ".github/workflows/release-decide.yml"].flatMap((file) =>
      jobOf(file).steps.flatMap(({ uses }) => uses ?? []),
    );
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
    for (const file of [".github/workflows/release.yml", ".github/workflows/release-decide.yml"])
      expect(snippet(file).permissions).toMatchObject({ contents: "read" });
    // What a run says is given to a shell by a variable, never pasted into its text.
    const scripts = [".github/workflows/release.yml", ".github/workflows/release-decide.yml"].flatMap((file) =>
      jobOf(file).steps.flatMap(({ run }) => run ?? []),
    );
    expect(scripts.filter((script) => script.includes("${{"))).toEqual([]);
  });

  test("GitHub: every command does what the page says, and the second job finds what the first has cached", { timeout: 60_000 }, () => {
    const folder = repository(WORKFLOW);
    const { played, outputs } = play(jobOf(".github/workflows/release.yml"), folder, SECRETS);
    expect(played.map(({ run, status }) => [run, status])).toEqual(played.map(({ run }) => [run, 0]));
    expect(outputs).toMatchObject({ "steps.run.outputs.state": "succeeded", "steps.run.outputs.exit-code": "0" });
    expect(played.flatMap(({ stdout }) => obeyedByGitHub(stdout)).map(({ name }) => name)).toEqual(["group", "endgroup"]);
    for (const report of ["steps.xml", "tests.xml"]) expect(checkJUnit(readFileSync(join(folder, report), "utf8"))).toEqual([]);
    expect(readFileSync(join(folder, "summary.md"), "utf8")).toContain("succeeded");
    expect(existsSync(join(folder, "report/report.html"))).toBe(true);
    for (const left of [".troupe", "report"]) rmSync(join(folder, left), { recursive: true });
    const again = play(jobOf(".github/workflows/release.yml"), folder, SECRETS);
    expect(again.played.map(({ stdout }) => stdout).join("")).toMatch(/build .*(?:taken over|cache)/);
  });

  test("GitHub: a run that asks ends its job with 3, and the job that decides finishes it", { timeout: 60_000 }, () => {
    const folder = repository(ASKING);
    const { outputs } = play(jobOf(".github/workflows/release.yml"), folder, SECRETS);
    expect(outputs).toMatchObject({ "steps.run.outputs.state": "running", "steps.run.outputs.exit-code": "3" });
    const { played } = play(jobOf(".github/workflows/release-decide.yml"), folder);
    const { status, stdout } = played.at(-1) ?? expect.fail("nothing was played");
    expect([status, stdout]).toEqual([0, expect.stringContaining("release succeeded")]);
  });

  test("GitLab: the script does what the page says, and its reports are where it says", { timeout: 60_000 }, () => {
    const folder = repository(WORKFLOW);
    const {
      script,
      after_script: after,
      artifacts,
      variables,
    } = snippet(".gitlab-ci.yml").release as {
      readonly script: readonly string[];
      readonly after_script: readonly string[];
      readonly variables: Readonly<Record<string, string>>;
      readonly artifacts: {
        readonly paths: readonly string[];
        readonly reports: { readonly junit: readonly string[]; readonly codequality: string };
      };
    };
    const { status, stdout, stderr } = shell(folder, [...script, ...after].join("\n"), { GITLAB_CI: "true", ...variables });
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    expect(stdout).toMatch(/section_start:\d+:troupe_1\[collapsed=true\]\r/);
    for (const path of [...artifacts.paths, ...artifacts.reports.junit])
      expect([path, existsSync(join(folder, path))]).toEqual([path, true]);
    expect(JSON.parse(readFileSync(join(folder, artifacts.reports.codequality), "utf8"))).toEqual([]);
  });
});
