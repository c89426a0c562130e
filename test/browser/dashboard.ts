/** A real server with real runs, and browsers that are signed in to it. What a page complains about fails the test that showed it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { builtCommand } from "../support/built.ts";
import { eventually } from "../support/eventually.ts";
import { launch } from "./chromium.ts";

export interface Dashboard extends AsyncDisposable {
  readonly url: string;
  /** Of the owner. */
  readonly token: string;
  /** Signs in once. */
  readonly login: string;
  readonly folder: string;
  readonly browser: Browser;
  /** @returns the answer's JSON */
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Starts a workflow that is sent, and does not wait for it. @returns the run's id */
  start(definition: string, input?: unknown): Promise<string>;
  until(run: string, state: string): Promise<void>;
  /** A page of a browser of its own, signed in. */
  visit(path: string, how?: VisitOptions): Promise<Visit>;
  /** Ends the process and begins another on the same port and state. */
  restart(): Promise<void>;
}

export interface VisitOptions extends BrowserContextOptions {
  /** Another key than the owner's; null to come as a stranger. */
  readonly token?: string | null;
}

export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts, of the console, and of the Content-Security-Policy; empty unless the test expects them. */
  readonly complaints: string[];
}

interface Said {
  readonly url: string;
  readonly token: string;
  readonly login: string;
}

const WIDE = { width: 1280, height: 800 };

export async function openDashboard(): Promise<Dashboard> {
  const folder = mkdtempSync(join(tmpdir(), "troupe-dashboard-"));
  const browser = await launch();
  let { child, said } = await serve(folder, 0);
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(`${said.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${said.token}`, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  return {
    get url() {
      return said.url;
    },
    get token() {
      return said.token;
    },
    get login() {
      return said.login;
    },
    folder,
    browser,
    call,
    start: async (definition, input) =>
      (await call<{ id: string }>("POST", "/runs", { definition, ...(input !== undefined && { input }) })).id,
    until: (run, state) =>
      eventually(
        async () => expect((await call<{ detail: string }>("GET", `/runs/${run}`)).detail).toMatch(new RegExp(`^${state}`)),
        20_000,
      ),
    visit: (path, how) => visit(browser, said, path, how),
    async restart() {
      await end(child);
      ({ child, said } = await serve(folder, Number(new URL(said.url).port)));
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function serve(folder: string, port: number): Promise<{ readonly child: ChildProcess; readonly said: Said }> {
  const child = spawn(process.execPath, [builtCommand(), "serve", "--port", String(port), "-o", "json"], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", HOME: folder, NODE_COMPILE_CACHE: join(tmpdir(), "troupe-test-cache") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const said = await eventually(() => {
    if (!out.includes("\n")) throw new Error(`the server says nothing yet: ${errors}`);
    return JSON.parse(out) as Said;
  }, 30_000);
  return { child, said };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  await ended;
}

async function visit(browser: Browser, said: Said, path: string, { token = said.token, ...options }: VisitOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: WIDE, permissions: ["clipboard-read", "clipboard-write"], ...options });
  const complaints: string[] = [];
  context.on("console", (message) => message.type() === "error" && complaints.push(`${message.text()} ${message.location().url}`));
  context.on("weberror", (error) => complaints.push(String(error.error())));
  if (token !== null) {
    const answer = await context.request.post(`${said.url}/api/v1/session`, { data: { key: token } });
    expect(answer.status()).toBe(201);
  }
  const page = await context.newPage();
  await page.goto(`${said.url}${path}`);
  return {
    page,
    complaints,
    async [Symbol.asyncDispose]() {
      await context.close();
      expect(complaints).toEqual([]);
    },
  };
}

/** Waits in `build` until `letGo`; `unit_tests` is tried twice. */
export const RELEASE = `name: release
title: Build and publish a release
steps:
  - { id: checkout, type: shell, run: "echo cloning" }
  - { id: lint, type: shell, needs: [checkout], run: "printf '\\\\033[33mwarning\\\\033[0m 2 style issues\\\\n'" }
  - id: unit_tests
    type: shell
    needs: [checkout]
    run: 'if [ "$TROUPE_ATTEMPT" = 1 ]; then echo "connection reset" >&2; exit 75; fi; echo 128 tests passed'
    retry: { max: 3, base: 200ms, jitter: none }
  - { id: build, type: shell, needs: [lint, unit_tests], run: "echo compiling; until [ -f go ]; do sleep 0.05; done; echo built", timeout: 10m }
  - id: regions
    needs: [build]
    for_each: [eu, us, asia]
    key: "{{ item.value }}"
    run: "echo deployed {{ item.value }}"
  - { id: announce, type: shell, needs: [regions], run: "echo done" }
`;

export const FAILING = `name: nightly-report
steps:
  - { id: fetch, type: shell, run: "echo fetched" }
  - { id: parse, type: shell, needs: [fetch], run: "echo 'line 7: unexpected token' >&2; exit 3" }
  - { id: publish, type: shell, needs: [parse], run: "true" }
`;

export const ASKING = `name: deploy-prod
steps:
  - { id: build, type: shell, run: "echo built" }
  - { id: sign_off, type: approval, needs: [build], prompt: "Deploy 1.4.2 to production?" }
  - { id: deploy, type: shell, needs: [sign_off], run: "echo deployed" }
`;

/** Lets all runs of RELEASE go on. */
export function letGo({ folder }: Dashboard): void {
  writeFileSync(join(folder, "go"), "");
}
