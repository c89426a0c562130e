/** A real Prometheus of Debian's package, in a directory of its own, that scrapes one address every second. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, type TestContext } from "vitest";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

export interface PrometheusServer {
  /** Everything that an expression gave within the last minutes, second by second. */
  history(expression: string): Promise<readonly Sample[]>;
  /** Any other endpoint of its API. */
  get(path: string): Promise<{ readonly data: unknown }>;
}

/** Exit code and output of promtool, in the folder of Prometheus' configuration. */
export function promtool(words: readonly string[], input = ""): string {
  const { status, stdout, stderr } = spawnSync("promtool", words, { input, encoding: "utf8", cwd: "observability/prometheus" });
  return `${status} ${stdout}${stderr}`;
}

const has = (command: string): boolean => spawnSync(command, ["--version"]).status === 0;

/** Tests that need a program of Debian's `prometheus` package are left out aloud where it is not installed. */
export function need(command: "prometheus" | "promtool", context: TestContext): void {
  if (has(command)) return;
  console.warn(`SKIPPED: ${command} is not installed (apt-get install prometheus)`);
  context.skip(`needs ${command}`);
}

export async function startPrometheus(target: string): Promise<PrometheusServer> {
  const directory = mkdtempSync(join(tmpdir(), "troupe-prometheus-"));
  const config = join(directory, "prometheus.yml");
  writeFileSync(
    config,
    `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs:\n  - job_name: troupe\n    static_configs: [{ targets: ["${target}"] }]\n`,
  );
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    "prometheus",
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=${address}`,
      "--enable-feature=exemplar-storage",
      "--log.level=warn",
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  onTestFinished(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  const get = async (path: string) => {
    const response = await fetch(`http://${address}/api/v1/${path}`);
    const body = (await response.json()) as { readonly status: string; readonly data: unknown; readonly error?: string };
    if (body.status !== "success") throw new Error(`${path}: ${body.error}`);
    return body;
  };
  await eventually(async () => expect((await fetch(`http://${address}/-/ready`)).status).toBe(200), 20_000);
  return {
    get,
    async history(expression) {
      const now = Date.now() / 1_000;
      const { data } = await get(`query_range?query=${encodeURIComponent(expression)}&start=${now - 120}&end=${now}&step=1`);
      return (data as { readonly result: readonly Sample[] }).result; // The API's own shape.
    },
  };
}
