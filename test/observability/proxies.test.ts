/** The proxies of docs/deploy.md: a real nginx with the page's file before the real server, and what Caddy says of its own. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext, test } from "vitest";
import { startCommand } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { selfSigned } from "../support/self-signed.ts";

const PROGRAM = ["nginx", "/usr/sbin/nginx"].find((path) => spawnSync(path, ["-v"]).status === 0);
const NAME = "troupe.example.org";
const WORKFLOW =
  "name: slow\nsteps:\n  - { id: first, run: 'true' }\n  - { id: waits, needs: [first], run: 'until [ -f go ]; do sleep 0.05; done' }\n";

function need(isThere: boolean, name: string, context: TestContext): void {
  if (isThere) return;
  console.warn(`SKIPPED: ${name} is not installed (apt-get install ${name}), so its file in docs/deploy.md is not proved by this run`);
  context.skip(`needs ${name}`);
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  text(): string;
  readonly ended: Promise<void>;
}

function call(port: number, cert: string, path: string, headers: Readonly<Record<string, string>>, name = NAME): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: "127.0.0.1", port, path, ca: cert, servername: NAME, headers: { host: name, ...headers }, agent: false },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: () => text,
          ended: once(response, "end").then(() => {}),
        });
      },
    );
    asked.on("error", reject).end();
    onTestFinished(() => void asked.destroy());
  });
}

test("nginx takes the page's file, and passes events on as they come", { timeout: 60_000 }, async (context) => {
  need(PROGRAM !== undefined, "nginx-light", context);
  const nginx = PROGRAM ?? "";
  const folder = mkdtempSync(join(tmpdir(), "troupe-nginx-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  writeFileSync(join(folder, "slow.troupe.yaml"), WORKFLOW);
  const [port, upstream] = [await freePort(), await freePort()];
  const server = startCommand(["serve", "--port", String(upstream), "--allow-host", NAME, "-o", "json"], { cwd: folder });
  let said = "";
  server.child.stdout?.on("data", (part: Buffer) => {
    said += part;
  });
  await server.shows("token");
  await eventually(() => expect(said).toContain("\n"));
  const { token } = JSON.parse(said) as { readonly token: string };

  const { key, cert } = selfSigned(NAME);
  for (const [file, text] of [
    ["fullchain.pem", cert],
    ["privkey.pem", key],
  ] as const)
    writeFileSync(join(folder, file), text, { mode: 0o600 });
  const site = (/^```nginx\n([\s\S]*?)^```$/m.exec(readFileSync("docs/deploy.md", "utf8"))?.[1] ?? "")
    .replace("listen 443 ssl", `listen 127.0.0.1:${port} ssl`)
    .replaceAll("/etc/ssl/troupe/", `${folder}/`)
    .replace("127.0.0.1:7171", `127.0.0.1:${upstream}`);
  expect(site).toContain(`127.0.0.1:${upstream}`);
  mkdirSync(join(folder, "temp"));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${folder}/temp/${kind};`)
    .join(" ");
  const config = join(folder, "nginx.conf");
  writeFileSync(
    config,
    `daemon off;\nworker_processes 1;\npid ${folder}/nginx.pid;\nerror_log ${folder}/error.log;\nevents {}\nhttp { access_log off; ${temporary}\n${site}}\n`,
  );
  const checked = spawnSync(nginx, ["-t", "-c", config], { encoding: "utf8" });
  expect([checked.status, checked.stderr]).toEqual([0, expect.stringContaining("test is successful")]);

  const proxy = spawn(nginx, ["-c", config], { stdio: ["ignore", "ignore", "inherit"] });
  onTestFinished(async () => {
    proxy.kill("SIGTERM");
    if (proxy.exitCode === null && proxy.signalCode === null) await once(proxy, "exit");
  });
  const auth = { authorization: `Bearer ${token}` };
  await eventually(async () => expect((await call(port, cert, "/healthz", {})).status).toBe(200));
  expect((await call(port, cert, "/api/v1/runs", auth)).status).toBe(200);
  expect((await call(port, cert, "/api/v1/runs", {})).status).toBe(401);
  expect((await call(port, cert, "/metrics", auth)).status).toBe(403);
  // The name of another site that leads here is refused behind the proxy as it is before it.
  expect((await call(port, cert, "/api/v1/runs", auth, "evil.example.net")).status).toBe(421);

  const runner = startCommand(["run", "slow.troupe.yaml"], { cwd: folder });
  await runner.shows("waits started");
  const page = await call(port, cert, "/api/v1/runs", auth);
  await page.ended;
  const { runs } = JSON.parse(page.text()) as { readonly runs: readonly { readonly id: string }[] };
  const stream = await call(port, cert, `/api/v1/runs/${runs[0]?.id}/events`, { ...auth, accept: "text/event-stream" });
  expect(stream.headers["content-type"]).toContain("text/event-stream");
  // Its run goes on, so no end of the answer has flushed anything.
  await eventually(() => expect(stream.text()).toContain('"stepId":"waits"'));
  expect(stream.text()).not.toContain("run.succeeded");
  writeFileSync(join(folder, "go"), "");
  await stream.ended;
  expect(stream.text()).toContain("run.succeeded");
  server.child.kill("SIGTERM");
  await server.ended;
});

test("Caddy takes the page's file, and makes of it a proxy for its name that holds nothing back", (context) => {
  need(spawnSync("caddy", ["version"]).status === 0, "caddy", context);
  const folder = mkdtempSync(join(tmpdir(), "troupe-caddy-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "Caddyfile");
  writeFileSync(file, /^```caddyfile\n([\s\S]*?)^```$/m.exec(readFileSync("docs/deploy.md", "utf8"))?.[1] ?? "");
  const caddy = (word: string) =>
    spawnSync("caddy", [word, "--config", file, "--adapter", "caddyfile"], { encoding: "utf8", env: { ...process.env, HOME: folder } });
  const { status, stderr } = caddy("validate");
  expect([status, stderr]).toEqual([0, expect.not.stringContaining('"warn"')]);
  const adapted = caddy("adapt").stdout;
  for (const part of ['"host":["troupe.example.org"]', '"dial":"127.0.0.1:7171"', '"flush_interval":-1', '"status_code":403'])
    expect(adapted).toContain(part);
});
