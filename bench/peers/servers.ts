/** Servers for the time of one measurement: on loopback, in its folder, ended with it. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface Server extends AsyncDisposable {
  readonly port: number;
}

const READY_WITHIN_MS = 60_000;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

export async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  while (Date.now() < giveUpAt) {
    if (child.exitCode !== null) throw new Error(`error: the server ended with ${child.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const isOpen = await Promise.race([once(socket, "connect").then(() => true), once(socket, "error").then(() => false)]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error("error: the server did not come up");
}

export async function endServer(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(timer);
}

/** Ends the server too when the measurement is killed by its time limit. */
export function endWithProcess(child: ChildProcess): void {
  process.once("exit", () => child.kill("SIGKILL"));
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(1));
}

export async function startRedis(directory: string, appendfsync: string): Promise<Server> {
  const port = await freePort();
  const settings = { port, bind: "127.0.0.1", dir: directory, save: "", appendonly: "yes", appendfsync, daemonize: "no" };
  const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawnServer("redis-server", options);
  await untilListening(port, child);
  return { port, [Symbol.asyncDispose]: () => endServer(child, "SIGTERM") };
}

/** PostgreSQL with its defaults: fsync and synchronous_commit are on. It refuses to run as root, so root lends it to `postgres`. */
export async function startPostgres(directory: string): Promise<Server & { readonly url: string }> {
  const bin = findPostgres();
  const data = join(directory, "data");
  mkdirSync(data);
  const isRoot = process.getuid?.() === 0;
  const as = isRoot ? idsOf("postgres") : {};
  if (isRoot) {
    chmodSync(directory, 0o755);
    execFileSync("chown", ["postgres", data]);
  }
  execFileSync(join(bin, "initdb"), ["-D", data, "-U", "bench", "--auth=trust", "--no-sync"], { stdio: "ignore", cwd: data, ...as });
  const port = await freePort();
  const options = ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${data}`, "-c", "max_connections=200"];
  const child = spawnServer(join(bin, "postgres"), options, as);
  await untilListening(port, child);
  await sleep(500);
  return { port, url: `postgresql://bench@127.0.0.1:${port}/postgres`, [Symbol.asyncDispose]: () => endServer(child, "SIGINT") };
}

function spawnServer(command: string, options: readonly string[], as: object = {}): ChildProcess {
  const child = spawn(command, options, { stdio: ["ignore", "ignore", "ignore"], ...as });
  child.on("error", (error) => {
    process.stderr.write(`error: ${command} cannot be started here (${error.message})\n`);
    process.exit(1);
  });
  endWithProcess(child);
  return child;
}

function idsOf(user: string): { readonly uid: number; readonly gid: number } {
  const id = (flag: string): number => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

function findPostgres(): string {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((left, right) => Number(right) - Number(left)) : [];
  const found = versions.map((version) => join(root, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
  if (found === undefined) throw new Error("error: PostgreSQL is not installed here (Debian: postgresql)");
  return found;
}
