import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type RunningCommand, runCommand, startCommand } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";

const QUICK = "apiVersion: troupe/v1\nname: quick\nsteps:\n  - { id: one, check: 1 == 1 }\n";
const HELD = "apiVersion: troupe/v1\nname: held\nsteps:\n  - { id: hold, run: 'while [ ! -e go ]; do sleep 0.05; done' }\n";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "troupe-metrics-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  writeFileSync(join(path, "quick.troupe.yaml"), QUICK);
  writeFileSync(join(path, "held.troupe.yaml"), HELD);
  return path;
}

async function addressOf({ child }: RunningCommand): Promise<string> {
  let text = "";
  child.stderr?.on("data", (chunk: string) => {
    text += chunk;
  });
  return eventually(() => {
    const [, found] = /Metrics: (http:\S+)/.exec(text) ?? [];
    if (found === undefined) throw new Error(`no address in ${text}`);
    return found;
  });
}

async function scrape(url: string): Promise<string> {
  return (await fetch(url)).text();
}

describe("--metrics-port", () => {
  test("serves the engine while it runs, on stderr says where, and ends with the command", async () => {
    const cwd = folder();
    const command = startCommand(["run", "held.troupe.yaml", "--metrics-port", "0", "-o", "json"], { cwd });
    const url = await addressOf(command);
    await eventually(async () => expect(await scrape(url)).toContain('troupe_runs_active{state="running.executing"} 1'));
    expect(await scrape(url)).toContain('troupe_workers{state="busy"} 1\n');
    // A connection that is kept alive must not keep the command alive.
    expect((await fetch(url.replace("metrics", "healthz"), { headers: { connection: "keep-alive" } })).status).toBe(200);
    writeFileSync(join(cwd, "go"), "");
    const { code, stdout } = await command.ended;
    expect([code, JSON.parse(stdout).state]).toEqual([0, "succeeded"]);
    await expect(fetch(url)).rejects.toThrow();
  });

  test("a command that hands its run to another engine has nothing to tell of that one", async () => {
    const cwd = folder();
    const owner = startCommand(["run", "held.troupe.yaml", "--metrics-port", "0"], { cwd });
    const ownersUrl = await addressOf(owner);
    const guest = startCommand(["run", "held.troupe.yaml", "--metrics-port", "0"], { cwd });
    const guestsUrl = await addressOf(guest);
    await eventually(async () => expect(await scrape(ownersUrl)).toContain('troupe_runs_active{state="running.executing"} 2'));
    const guests = await scrape(guestsUrl);
    expect(guests).not.toMatch(/^troupe_(runs_active|workers|backpressure)/m);
    expect(guests).toMatch(/^process_resident_memory_bytes \d/m);
    writeFileSync(join(cwd, "go"), "");
    expect([(await owner.ended).code, (await guest.ended).code]).toEqual([0, 0]);
  });

  test("a port that is taken stops the command before it starts anything", async () => {
    const cwd = folder();
    const holder = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void holder.close());
    await once(holder, "listening");
    const { port } = holder.address() as { readonly port: number }; // It listens on a port.
    const { code, stderr } = await runCommand(["run", "quick.troupe.yaml", "--metrics-port", String(port)], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("METRICS_PORT_UNUSABLE");
    expect(stderr).toContain("--metrics-port");
    const { stdout } = await runCommand(["list", "-o", "json"], { cwd });
    expect(JSON.parse(stdout)).toEqual([]);
  });
});

test("after a crash the next engine counts from zero, and its gauges know what is in the store", async () => {
  const cwd = folder();
  writeFileSync(
    join(cwd, "person.troupe.yaml"),
    "apiVersion: troupe/v1\nname: person\nsteps:\n  - { id: ask, run: exit 75, retry: { max: 1, base: 10ms, on: [], exit_codes: [75], on_exhausted: quarantine } }\n",
  );
  expect((await runCommand(["run", "person.troupe.yaml"], { cwd })).code).toBe(5);
  const first = startCommand(["run", "held.troupe.yaml"], { cwd });
  await first.shows("hold started");
  first.child.kill("SIGKILL");
  await first.ended;
  const second = startCommand(["resume", "@latest", "--metrics-port", "0"], { cwd });
  const url = await addressOf(second);
  await eventually(async () => expect(await scrape(url)).toContain("troupe_recoveries_total 1\n"));
  const text = await scrape(url);
  expect(text).toContain('troupe_quarantined{kind="step"} 1\n');
  expect(text).toContain('troupe_runs_active{state="quarantined"} 1\n');
  expect(text).not.toContain('workflow="person"');
  expect(text).not.toMatch(/^troupe_transitions_total\{actor="run",from="",/m);
  writeFileSync(join(cwd, "go"), "");
  expect((await second.ended).code).toBe(0);
});

describe("--metrics-file", () => {
  test("holds the last word after the command, without metrics that node_exporter has itself", async () => {
    const cwd = folder();
    const { code } = await runCommand(["run", "quick.troupe.yaml", "--metrics-file", "troupe.prom"], { cwd });
    const text = readFileSync(join(cwd, "troupe.prom"), "utf8");
    expect(code).toBe(0);
    expect(text).toContain('troupe_runs_total{workflow="quick",outcome="succeeded"} 1\n');
    expect(text).toContain('troupe_quarantined{kind="run"} 0\n');
    expect(text).not.toMatch(/process_|nodejs_/);
  });

  test("that cannot be written stops the command before it starts anything", async () => {
    const cwd = folder();
    const { code, stderr } = await runCommand(["run", "quick.troupe.yaml", "--metrics-file", "missing/troupe.prom"], { cwd });
    expect([code, stderr.includes("FILE_UNWRITABLE")]).toEqual([2, true]);
    expect(existsSync(join(cwd, "missing"))).toBe(false);
  });
});
