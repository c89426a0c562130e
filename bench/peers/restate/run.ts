/** Restate: one node of its server from npm, with the handlers in this process. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Context, createEndpointHandler, RestatePromise, service } from "@restatedev/restate-sdk";
import { createServer } from "node:http2";
import { drivePeer } from "../drive.ts";
import { endServer, endWithProcess, freePort, untilListening } from "../servers.ts";

const onSteps = new Map<number, () => void>();
let asleep = 0;

const bench = service({
  name: "bench",
  handlers: {
    chain: async (context: Context, { id, length }: { id: number; length: number }) => {
      for (let index = 0; index < length; index++) {
        await context.run(`s${index}`, () => {
          onSteps.get(id)?.();
          return null;
        });
      }
    },
    fanOut: async (context: Context, { width }: { width: number }) => {
      await RestatePromise.all(Array.from({ length: width }, (_, index) => context.run(`w${index}`, () => null)));
      await context.run("join", () => null);
    },
    parked: async (context: Context, { dueAt }: { dueAt: number }) => {
      const restMs = await context.run("rest", () => dueAt - Date.now());
      asleep += 1;
      await context.sleep(Math.max(1, restMs));
      await context.run("after", () => null);
    },
  },
});

await drivePeer(async ({ directory }) => {
  const [ingress, admin, node, handlers] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const server = createServer(createEndpointHandler({ services: [bench], logger: () => {} }));
  server.listen(handlers, "127.0.0.1");
  const require = createRequire(import.meta.url);
  const binary = join(dirname(require.resolve("@restatedev/restate-server-linux-x64/package.json")), "bin", "restate-server");
  const child = spawn(binary, ["--no-logo", "--node-name", "bench", "--base-dir", directory], {
    stdio: "ignore",
    env: {
      ...process.env,
      RESTATE_LOG_FILTER: "error",
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
    },
  });
  endWithProcess(child);
  await untilListening(admin, child);
  await untilListening(ingress, child);
  await register(admin, handlers);
  let next = 0;

  async function call(handler: string, body: object): Promise<void> {
    const reply = await fetch(`http://127.0.0.1:${ingress}/bench/${handler}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!reply.ok) throw new Error(`error: Restate answered ${reply.status} ${await reply.text()}`);
    await reply.arrayBuffer();
  }

  return {
    async chain(length, onStep) {
      const id = next++;
      onSteps.set(id, onStep);
      await call("chain", { id, length });
      onSteps.delete(id);
    },
    fanOut: (width) => call("fanOut", { width }),
    park(count, dueAt) {
      const all = Array.from({ length: count }, () => call("parked", { dueAt }));
      const parked = (async () => {
        while (asleep < count) await sleep(20);
      })();
      return { parked, woken: Promise.all(all).then(() => undefined) };
    },
    async [Symbol.asyncDispose]() {
      await endServer(child, "SIGTERM");
      server.close();
    },
  };
});

async function register(admin: number, handlers: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const reply = await fetch(`http://127.0.0.1:${admin}/deployments`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ uri: `http://127.0.0.1:${handlers}` }),
    }).catch(() => null);
    if (reply?.ok === true) return;
    await sleep(200);
  }
  throw new Error("error: Restate did not take the handlers");
}
