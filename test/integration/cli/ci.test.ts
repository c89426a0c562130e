import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseJunit } from "../../../src/adapters/reports/junit.ts";
import { EXIT } from "../../../src/cli/exit-code.ts";
import { obeyedByGitHub } from "../../support/github-runner.ts";
import { checkJUnit } from "../../support/junit-schema.ts";
import { useFolder } from "./in-process.ts";

const folder = useFolder();

const GITHUB = () => ({
  GITHUB_ACTIONS: "true",
  GITHUB_WORKSPACE: folder.path,
  GITHUB_OUTPUT: join(folder.path, "outputs"),
  GITHUB_STEP_SUMMARY: join(folder.path, "summary.md"),
});

const HOSTILE = String.raw`printf '::error::planted\n  ::set-output name=a::b\n##[error]planted\nx ##[add-path]/tmp\n\033[0Ksection_start:1:planted\r\033[0Kx\n::stop-commands::mine\n]]><x>&\001\n'`;

const mixed = () =>
  folder.workflow(`name: mixed
steps:
  - { id: build, run: "echo built; echo careful >&2" }
  - id: hostile
    run: |
      ${HOSTILE}
      exit 3
  - { id: after, needs: [hostile], run: "true" }
  - { id: each, for_each: [a, b/c], run: "echo {{ item.value }}", key: "{{ item.value }}" }
`);

describe("troupe run --ci on GitHub Actions", () => {
  test("groups what steps printed, remarks failures at their lines, and obeys no step (S-12)", async () => {
    const { code, out, err } = await folder.run(["run", mixed(), "--ci"], { env: GITHUB() });
    expect([code, err]).toEqual([EXIT.runFailed, ""]);
    const obeyed = obeyedByGitHub(out);
    expect(obeyed.map(({ name }) => name).sort()).toEqual([...Array(4).fill("endgroup"), "error", ...Array(4).fill("group")]);
    expect(obeyed.find(({ name }) => name === "error")).toMatchObject({
      properties: "file=x.troupe.yaml,line=4,col=9,title=step hostile failed",
      value: expect.stringContaining("EXIT_CODE"),
    });
    const build = out.slice(out.search(/::group::.*build/));
    expect(build.slice(0, build.indexOf("::endgroup::"))).toMatch(/\nbuilt\nstderr:\ncareful\n/);
    expect(out).toMatch(/::group::.* each\[b%252Fc\] succeeded/);
  });

  test("leaves outputs and a summary, in which no text from outside is markup", async () => {
    await folder.run(["run", mixed(), "--ci"], { env: GITHUB() });
    const outputs = readFileSync(join(folder.path, "outputs"), "utf8");
    expect(outputs).toMatch(/^run-id=run_[0-9a-z-]+\nstate=failed\nexit-code=1\n$/);
    const summary = readFileSync(join(folder.path, "summary.md"), "utf8");
    for (const part of ["| ❌ | hostile |", "| ⏭️ | after |", "| ✅ | build |", "troupe why", "troupe retry"])
      expect(summary.replaceAll("&#46;", ".")).toContain(part);
    expect(summary).not.toMatch(/<x>|\[add-path\]/);
    expect(summary).toContain("&#93;&#93;&#62;&#60;x&#62;&#38;");
    expect(summary.length).toBeLessThan(20_000);
  });

  test("an approval ends the job with 3, and says how it goes on; resume finishes it in a later job", async () => {
    const file = folder.workflow(
      "name: ask\nsteps:\n  - { id: gate, type: approval, prompt: Deploy? }\n  - { id: go, needs: [gate], run: echo went }\n",
    );
    const asked = await folder.run(["run", file, "--ci", "--junit", "steps.xml"], { env: GITHUB() });
    expect(asked.code).toBe(EXIT.waitsForPerson);
    const [warning, ...more] = obeyedByGitHub(asked.out).filter(({ name }) => name !== "group" && name !== "endgroup");
    expect([warning?.name, more]).toEqual(["warning", []]);
    for (const part of ["troupe approve", "troupe resume", "ends with 3"]) expect(warning?.value).toContain(part);
    expect(readFileSync(join(folder.path, "outputs"), "utf8")).toContain("state=running\nexit-code=3\n");
    expect(parseJunit(readFileSync(join(folder.path, "steps.xml"), "utf8"))).toMatchObject({ passed: 0, skipped: 2, failed: 0 });
    // Somebody decides where the state directory is, and nobody drives it there any more.
    expect((await folder.run(["approve", "@latest", "gate", "--as", "ann"])).code).toBe(EXIT.succeeded);
    const later = await folder.run(["retry", "@latest", "--ci"], { env: GITHUB() });
    expect(later.code).toBe(EXIT.usage);
    expect(obeyedByGitHub(later.out)).toMatchObject([{ name: "error", value: expect.stringContaining("nothing is left to run again") }]);
  });

  test("a file that is wrong is remarked at its line, and nothing of it is obeyed", async () => {
    const file = folder.workflow(
      'name: x\nsteps:\n  - { id: a, run: "true", ned: "::error::planted" }\n  # ::error::frame\n  - { id: b, needs: [" ##[error]x"], run: "true" }\n',
    );
    const { code, out, err } = await folder.run(["run", file, "--ci"], { env: GITHUB() });
    expect([code, err]).toEqual([EXIT.usage, ""]);
    const obeyed = obeyedByGitHub(out);
    expect(obeyed.length).toBeGreaterThan(0);
    for (const { name, properties } of obeyed)
      expect([name, properties]).toEqual(["error", expect.stringMatching(/^file=x\.troupe\.yaml,line=[35],/)]);
  });

  test("with -o json stdout is the run alone, in which no server finds a word of its own", async () => {
    const { code, out, err } = await folder.run(["run", mixed(), "--ci", "-o", "json"], { env: GITHUB() });
    expect(code).toBe(EXIT.runFailed);
    expect(JSON.parse(out)).toMatchObject({ workflow: "mixed", state: "failed" });
    expect(out).not.toContain("##");
    expect(obeyedByGitHub(`${out}${err}`).map(({ name }) => name)).toContain("group");
  });

  test("files that cannot be written change nothing about how the run ended", async () => {
    const env = { ...GITHUB(), GITHUB_OUTPUT: join(folder.path, "none/outputs"), GITHUB_STEP_SUMMARY: folder.path };
    const { code, out } = await folder.run(["run", folder.workflow("name: x\nsteps: [{ id: a, run: 'true' }]\n"), "--ci"], { env });
    expect(code).toBe(EXIT.succeeded);
    expect(out.match(/warning: the (?:job's summary|step's outputs) cannot be written/g)).toHaveLength(2);
  });
});

test("GitLab gets a section for each step, closed again, and a plain log is plain", async () => {
  const { out } = await folder.run(["run", mixed(), "--ci"], { env: { GITLAB_CI: "true" } });
  const marks = [...out.matchAll(/section_(start|end):\d+:([\w.-]+)(?:\[[^\]]*\])?\r/g)].map(([, kind, name]) => `${kind} ${name}`);
  expect(marks).toEqual([1, 2, 3, 4].flatMap((count) => [`start troupe_${count}`, `end troupe_${count}`]));
  expect(out).toContain("x.troupe.yaml:4:9 error step hostile failed: ");
  const plain = await folder.run(["run", mixed(), "--ci"]);
  expect(plain.out).not.toMatch(/^\s*::|##\w*\[|section_start:\d+:troupe/m);
  expect(plain.out).toContain("\nbuilt\n");
});

test("thousands of items leave a log that can be read", { timeout: 120_000 }, async () => {
  const list = JSON.stringify(Array.from({ length: 2_000 }, (_, index) => index % 20 !== 7));
  const file = folder.workflow(
    `name: many\nsteps:\n  - { id: each, for_each: ${list}, type: assert, check: item.value, on_item_error: collect }\n  - { id: last, needs: [each], run: "false" }\n`,
  );
  const { out, code } = await folder.run(["run", file, "--ci", "--durability", "relaxed", "--junit", "steps.xml"], { env: GITHUB() });
  expect(code).toBe(EXIT.runFailed);
  expect(out.split("\n").length).toBeLessThan(400);
  expect(obeyedByGitHub(out).filter(({ name }) => name === "error").length).toBeLessThanOrEqual(10);
  expect(readFileSync(join(folder.path, "summary.md"), "utf8").length).toBeLessThan(100_000);
  expect(parseJunit(readFileSync(join(folder.path, "steps.xml"), "utf8"))).toMatchObject({ passed: 1_901, failed: 101 });
});

describe("--junit", () => {
  test("is a case for each step, with its failure and what it printed, whatever that was", async () => {
    const { code } = await folder.run(["run", mixed(), "--junit", "steps.xml"]);
    expect(code).toBe(EXIT.runFailed);
    const xml = readFileSync(join(folder.path, "steps.xml"), "utf8");
    expect(checkJUnit(xml)).toEqual([]);
    expect(parseJunit(xml)).toMatchObject({ passed: 4, failed: 1, skipped: 1 });
    expect(xml).toContain('<failure message="Exit code 3."');
    expect(xml).toContain("]]&gt;&lt;x&gt;&amp;\uFFFD");
  });

  test("is refused before anything is started where it cannot be written", async () => {
    const file = folder.workflow("name: x\nsteps: [{ id: a, run: touch ran }]\n");
    mkdirSync(join(folder.path, "taken"));
    for (const path of ["none/steps.xml", "taken"]) {
      const { code, err } = await folder.run(["run", file, "--junit", path]);
      expect([code, err]).toEqual([EXIT.usage, expect.stringContaining("(FILE_UNWRITABLE)")]);
    }
    expect((await folder.run(["list"])).err).toContain("There are no runs");
  });

  test("the report of `troupe test` is as valid", async () => {
    folder.workflow("name: x\nsteps: [{ id: a, run: 'true' }]\n");
    const tests = join(folder.path, "x.test.yaml");
    writeFileSync(
      tests,
      "mocks: { '*': { output: {} } }\ncases:\n  - { name: good }\n  - { name: 'bad <&>', expect: { status: failed } }\n",
    );
    await folder.run(["test", tests, "--junit", join(folder.path, "tests.xml")]);
    expect(checkJUnit(readFileSync(join(folder.path, "tests.xml"), "utf8"))).toEqual([]);
  });
});

describe("findings and tests under --ci", () => {
  test("findings are remarks at their lines, by severity; nothing of the file is obeyed", async () => {
    const file = folder.workflow(
      'name: x\nsteps:\n  - { id: a, run: "echo ::error::planted" }\n  # ::error::frame\n  - { id: b, needs: [missing], run: "true" } # ##[error]x\n',
    );
    const { code, out, err } = await folder.run(["validate", file, "--ci"], { env: GITHUB() });
    expect([code, err]).toEqual([EXIT.usage, ""]);
    expect(obeyedByGitHub(out)).toMatchObject([
      {
        name: "error",
        properties: expect.stringMatching(/^file=x\.troupe\.yaml,line=5,col=\d+,title=DEF_UNKNOWN_STEP$/),
        value: expect.stringContaining("missing"),
      },
    ]);
    expect((await folder.run(["validate", file, "--ci", "-o", "sarif"], { env: GITHUB() })).out).toContain('"version": "2.1.0"');
  });

  test("findings become a report of code quality, each with a fingerprint that survives other lines", async () => {
    const findings = async (text: string): Promise<readonly Record<string, unknown>[]> =>
      JSON.parse((await folder.run(["validate", folder.workflow(text), "-o", "codequality"])).out);
    const bad = '  - { id: b, needs: [missing], run: "true" }\n';
    const [one] = await findings(`name: x\nsteps:\n${bad}`);
    const [later] = await findings(`name: x\n# more\nsteps:\n${bad}`);
    expect(one).toMatchObject({
      check_name: "DEF_UNKNOWN_STEP",
      severity: "major",
      location: { path: "x.troupe.yaml", lines: { begin: 3 } },
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(later).toMatchObject({ fingerprint: one?.fingerprint, location: { lines: { begin: 4 } } });
  });

  test("a case that fails is a remark at its file", async () => {
    folder.workflow("name: x\nsteps: [{ id: a, run: 'true' }]\n");
    const tests = join(folder.path, "x.test.yaml");
    writeFileSync(
      tests,
      "mocks: { '*': { output: {} } }\ncases:\n  - { name: good }\n  - { name: '::error::bad', expect: { status: failed } }\n",
    );
    const { code, out } = await folder.run(["test", tests, "--ci"], { env: GITHUB() });
    expect(code).toBe(EXIT.runFailed);
    expect(obeyedByGitHub(out)).toMatchObject([{ name: "error", properties: expect.stringContaining("file=x.test.yaml,") }]);
  });
});

test("--ci does not go with --detach", async () => {
  const { code, err, out } = await folder.run(["run", mixed(), "--ci", "--detach"]);
  expect([code, err + out]).toEqual([EXIT.usage, expect.stringContaining("--detach")]);
});
