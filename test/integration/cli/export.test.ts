import { hash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formsOf } from "../../../src/adapters/secrets-local/forms.ts";
import { EXIT } from "../../../src/cli/exit-code.ts";
import { canonicalJson } from "../../../src/core/json.ts";
import { eventually } from "../../support/eventually.ts";
import { useFolder } from "./in-process.ts";
import { runToEnd, start } from "./spawned.ts";

const folder = useFolder();
const at = (...path: readonly string[]): string => join(folder.path, ...path);
const json = (...path: readonly string[]) => JSON.parse(readFileSync(at(...path), "utf8"));

const WORKFLOW = `name: shop
input: { who: { type: string, default: "<img src=x onerror=alert(1)>" } }
output: { said: "{{ steps.build.output }}" }
steps:
  - { id: build, run: "echo {{ input.who }}", stdout: text }
  - { id: each, needs: [build], for_each: [a, A, "../../x"], key: "{{ item.value }}", run: "echo {{ item.value }}; echo oops >&2" }
  - id: breaks
    run: "echo '<script>alert(1)</script>' >&2; exit 3"
    retry: { max: 1, base: 1ms }
  - { id: after, needs: [breaks], run: "true" }
`;

async function exported(workflow = WORKFLOW): Promise<void> {
  const { out } = await folder.run(["run", folder.workflow(workflow), "-o", "json"]);
  const { code, err } = await folder.run(["export", JSON.parse(out).id, "--to", at("out")]);
  expect([code, err]).toEqual([EXIT.succeeded, ""]);
}

const check = async () => {
  const { code, out } = await folder.run(["export", "--check", at("out"), "-o", "json"]);
  return { code, ...(JSON.parse(out) as { readonly ok: boolean; readonly problems: readonly string[] }) };
};

describe("an export", () => {
  test("holds all that is known of a run, and is whole", async () => {
    await exported();
    expect(await check()).toMatchObject({ code: EXIT.succeeded, ok: true, problems: [] });
    expect(json("out/run.json")).toMatchObject({ workflow: "shop", state: "failed", steps: { length: 7 } });
    expect(readFileSync(at("out/definition/source.yaml"), "utf8")).toBe(WORKFLOW);
    expect(json("out/definition/workflow.json")).toMatchObject({ name: "shop" });
    const attempts: readonly Record<string, unknown>[] = json("out/attempts.json");
    expect(attempts.map(({ step, attempt, outcome }) => `${step} ${attempt} ${outcome}`).sort()).toEqual([
      "breaks 1 failed",
      "breaks 2 failed",
      "build 1 succeeded",
      "each 1 fanned",
      "each[..%2F..%2Fx] 1 succeeded",
      "each[A] 1 succeeded",
      "each[a] 1 succeeded",
    ]);
    const breaks = attempts.find(({ step, attempt }) => step === "breaks" && attempt === 2);
    expect(breaks).toMatchObject({ request: { step: "breaks" }, error: { code: "EXIT_CODE" }, stdout: null });
    expect(readFileSync(at("out", String(breaks?.stderr)), "utf8")).toBe("<script>alert(1)</script>\n");
    expect(json("out/trace.json").resourceSpans[0].scopeSpans[0].spans.length).toBeGreaterThan(5);
    expect(json("out/spans.json").length).toBeGreaterThan(5);
    expect(json("out/metrics.json")).toMatchObject({ run: { workflow: "shop" } });
    expect(json("out/concurrency.json").peak).toBeGreaterThan(0);
    expect(json("out/costs.json")).toMatchObject({ usd: 0 });
    expect(json("out/decisions.json")).toMatchObject({ acts: [], approvals: [] });
  });

  test("proves its journal without Troupe: each line's hash is that of the one before and its entry", async () => {
    await exported();
    const manifest = json("out/manifest.json");
    let head: string = manifest.run;
    for (const line of readFileSync(at("out/events.jsonl"), "utf8").trimEnd().split("\n")) {
      const { hash: claimed, entry } = JSON.parse(line);
      head = hash("sha256", head + canonicalJson(entry), "hex");
      expect(claimed).toBe(head);
    }
    expect(manifest.journal.head).toBe(head);
    for (const { path, sha256 } of manifest.files)
      expect([path, hash("sha256", readFileSync(at("out", path)), "hex")]).toEqual([path, sha256]);
  });

  test("has file names that no system stumbles over, whatever items are called (S-15)", async () => {
    await exported();
    const names = readdirSync(at("out"), { recursive: true, encoding: "utf8" });
    expect(names.filter((name) => !/^[\w./-]+$/.test(name) || name.includes(".."))).toEqual([]);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
  });

  test("has a report in which nothing from outside is markup, and that may load nothing (S-17, S-39)", async () => {
    await exported();
    const page = readFileSync(at("out/report.html"), "utf8");
    expect(page).not.toMatch(/<(?:script|img|iframe|link|object|base)|<[^>]*\son\w+=|javascript:|https?:(?!\/\/www\.w3\.org\/2000\/svg)/i);
    expect(page).not.toContain("style=");
    expect(page).toContain("&#60;script&#62;alert(1)&#60;/script&#62;");
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
    expect(policy).toMatch(/^default-src 'none'; style-src (?:'sha256-[\w+/=]+' ?)+; base-uri 'none'; form-action 'none'$/);
    for (const [, style = ""] of page.matchAll(/<style>([\s\S]*?)<\/style>/g)) expect(policy).toContain(hash("sha256", style, "base64"));
  });

  test.each<readonly [string, () => void, string]>([
    ["a changed log", () => appendFileSync(at("out", String(json("out/attempts.json")[0].stdout)), "more"), "was changed"],
    ["a missing file", () => rmSync(at("out/costs.json")), "costs.json is missing"],
    ["a file more", () => writeFileSync(at("out/more.txt"), ""), "more.txt was added"],
    ["a link in the place of a file", link, "no plain file"],
    ["an entry that was written anew with all digests", forge, "does not match its hash"],
    ["a tail that was cut off with all digests", cut, "does not end where the manifest says"],
    ["a state that its entries do not lead to", lie, "its entries lead to failed"],
  ])("%s is found", async (_, damage, problem) => {
    await exported();
    damage();
    const found = await check();
    expect([found.code, found.ok]).toEqual([EXIT.runFailed, false]);
    expect(found.problems.join("\n")).toContain(problem);
  });

  test("is refused where something is, replaced with --force if that is an export, and never in the place of anything else", async () => {
    await exported();
    const again = await folder.run(["export", "--to", at("out")]);
    expect([again.code, again.err]).toEqual([EXIT.usage, expect.stringContaining("(FILE_UNWRITABLE)")]);
    writeFileSync(at("out/more.txt"), "");
    expect((await folder.run(["export", "--to", at("out"), "--force"])).code).toBe(EXIT.succeeded);
    expect(existsSync(at("out/more.txt"))).toBe(false);
    mkdirSync(at("photos"));
    writeFileSync(at("photos/one.jpg"), "precious");
    const slip = await folder.run(["export", "--to", at("photos"), "--force"]);
    expect([slip.code, slip.err]).toEqual([EXIT.usage, expect.stringContaining("no export")]);
    expect(readFileSync(at("photos/one.jpg"), "utf8")).toBe("precious");
    expect(readdirSync(folder.path).filter((name) => /partial|replaced/.test(name))).toEqual([]);
  });

  test("holds the source only while the file is what the run was started from", async () => {
    await exported();
    folder.workflow(WORKFLOW.replace("exit 3", "exit 4"));
    await folder.run(["export", "--to", at("later")]);
    expect(existsSync(at("later/definition/source.yaml"))).toBe(false);
    expect(json("later/definition/workflow.json")).toMatchObject({ name: "shop" });
  });

  test("holds runs that its steps started where it is asked to, each whole by itself", async () => {
    writeFileSync(at("child.troupe.yaml"), "name: child\nsteps: [{ id: a, run: echo inside }]\n");
    const parent = "name: parent\nsteps: [{ id: calls, type: workflow, workflow_file: child.troupe.yaml }]\n";
    await exported(parent);
    const [{ run, folder: none }] = json("out/manifest.json").children;
    expect(none).toBeNull();
    expect(existsSync(at("out/children"))).toBe(false);
    await folder.run(["export", json("out/manifest.json").run, "--to", at("out"), "--force", "--with-children"]);
    expect((await check()).problems).toEqual([]);
    expect(json("out/manifest.json").children).toEqual([{ run, step: "calls", folder: `children/${run}` }]);
    expect((await folder.run(["export", "--check", at("out/children", run)])).code).toBe(EXIT.succeeded);
    expect(readFileSync(at("out/report.html"), "utf8")).toContain(`children/${run}/report.html`);
  });

  test("holds no form of a secret, whatever steps did with it (S-38)", async () => {
    const canary = 'kanari/"3fe+9c\\ö-token';
    const file = folder.workflow(`name: canary
secrets: { TOKEN: { env: TEST_CANARY } }
steps:
  - { id: prints, env: { TOKEN: "{{ secrets.TOKEN }}" }, run: 'printf "%s" "$TOKEN"; printf "%s\\n" "$TOKEN" | base64; echo "given=$TOKEN" > "$TROUPE_OUTPUT"' }
  - { id: fails, env: { TOKEN: "{{ secrets.TOKEN }}" }, run: 'echo "it failed with $TOKEN" >&2; exit 3' }
`);
    process.env.TEST_CANARY = canary;
    try {
      await folder.run(["run", file]);
    } finally {
      delete process.env.TEST_CANARY;
    }
    expect((await folder.run(["export", "--to", at("out")])).code).toBe(EXIT.succeeded);
    const forms = formsOf(canary).map((form) => Buffer.from(form));
    const found = readdirSync(at("out"), { recursive: true, encoding: "utf8" })
      .map((name) => at("out", name))
      .filter((path) => statSync(path).isFile() && forms.some((form) => readFileSync(path).includes(form)));
    expect(found).toEqual([]);
    expect(readFileSync(at("out/report.html"), "utf8")).toContain("it failed with ***");
  });

  test("a value that is kept outside of the journal is in it, under its digest", async () => {
    await exported("name: big\nsteps:\n  - { id: a, run: \"head -c 200000 /dev/zero | tr '\\\\0' x\", stdout: text }\n");
    const [name = ""] = readdirSync(at("out/blobs"));
    expect(hash("sha256", readFileSync(at("out/blobs", name)), "hex")).toBe(name.replace(".json", ""));
  });
});

test("a run that goes on is exported as it is", async () => {
  const file = folder.workflow(
    "name: slow\nsteps:\n  - { id: a, run: 'echo begun; until [ -f go ]; do sleep 0.05; done' }\n  - { id: b, needs: [a], run: 'true' }\n",
  );
  const running = start(["run", file], { cwd: folder.path });
  await running.saw("a started");
  await eventually(async () => expect((await folder.run(["logs"])).out).toContain("begun"));
  await folder.run(["export", "--to", at("out")]);
  expect(await check()).toMatchObject({ ok: true, state: "running.executing" });
  const page = readFileSync(at("out/report.html"), "utf8");
  expect(page).toContain('<td class="state running">running</td>');
  writeFileSync(at("go"), "");
  expect((await running.ended).code).toBe(0);
});

test("ten thousand items are exported, and the page stays one that can be opened", { timeout: 300_000 }, async () => {
  const list = JSON.stringify(Array.from({ length: 10_000 }, (_, index) => index !== 7_000));
  const file = folder.workflow(
    `name: many\nsteps:\n  - { id: each, for_each: ${list}, type: assert, check: item.value, on_item_error: collect }\n`,
  );
  await folder.run(["run", file, "--durability", "relaxed"]);
  expect((await folder.run(["export", "--to", at("out")])).code).toBe(EXIT.succeeded);
  expect(json("out/attempts.json")).toHaveLength(10_001);
  const page = readFileSync(at("out/report.html"), "utf8");
  expect(page.length).toBeLessThan(200_000);
  expect(page).toContain('<span class="id">7000</span>');
  expect((await check()).problems).toEqual([]);
});

test("a disk that takes no more is told with a code, and leaves nothing half done", async () => {
  await exported("name: big\nsteps:\n  - { id: a, run: \"head -c 3000000 /dev/zero | tr '\\\\0' x\" }\n");
  const limited = await runToEnd(["export", "--to", "small"], { cwd: folder.path, through: ["prlimit", "--fsize=1000000"] });
  expect([limited.code, limited.err]).toEqual([EXIT.usage, expect.stringContaining("(FILE_UNWRITABLE)")]);
  expect(readdirSync(folder.path).filter((name) => name.includes("small"))).toEqual([]);
});

test("what is no export is told as such", async () => {
  mkdirSync(at("none"));
  for (const text of [null, "[]", '{"format":"troupe-export/9"}', "{"]) {
    if (text !== null) writeFileSync(at("none/manifest.json"), text);
    const { code, err } = await folder.run(["export", "--check", at("none")]);
    expect([text, code, err]).toEqual([text, EXIT.usage, expect.stringContaining("(FILE_UNREADABLE)")]);
  }
});

/** Writes the manifest anew, so that every digest is right. */
function sealAgain(change: (manifest: { journal: { entries: number; head: string }; state: string }) => void = () => {}): void {
  const manifest = json("out/manifest.json");
  for (const file of manifest.files) file.sha256 = hash("sha256", readFileSync(at("out", file.path)), "hex");
  change(manifest);
  writeFileSync(at("out/manifest.json"), JSON.stringify(manifest));
}

function forge(): void {
  const path = at("out/events.jsonl");
  writeFileSync(path, readFileSync(path, "utf8").replace("alert(1)", "alert(2)"));
  sealAgain();
}

function link(): void {
  renameSync(at("out/costs.json"), at("costs.json"));
  symlinkSync(at("costs.json"), at("out/costs.json"));
}

function cut(): void {
  const path = at("out/events.jsonl");
  writeFileSync(path, readFileSync(path, "utf8").split("\n").slice(0, -2).join("\n"));
  sealAgain();
}

function lie(): void {
  sealAgain((manifest) => {
    manifest.state = "succeeded";
  });
}
