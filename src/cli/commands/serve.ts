import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { usage } from "../input.ts";
import { notifyOptionsFor } from "../notify-options.ts";
import { withDriver } from "../open-driver.ts";
import { common, integer, maxWorkersOption, observationOptions, text } from "../option.ts";

const PORT_DEFAULT = 7171;
const HOST_DEFAULT = "127.0.0.1";
/** For attempts that run when somebody wants the server's end. */
const DRAIN_MS = 5_000;

export const serveCommand = defineCommand({
  description:
    "Serves the API and drives every run of the state directory. It listens on this machine only, and every request but /healthz and /readyz needs a key. SIGTERM lets running attempts end; what is unfinished goes on with the next engine.",
  arguments: [],
  options: {
    port: { flags: "--port <n>", description: `port (default: ${PORT_DEFAULT}; 0 for any that is free)`, parse: integer(0, 65_535) },
    host: { flags: "--host <address>", description: `address to listen on (default: ${HOST_DEFAULT})`, parse: text },
    allowHost: {
      flags: "--allow-host <names>",
      description: "names by which a proxy calls, such as troupe.example.org, separated by commas",
      parse: text,
    },
    publicUrl: {
      flags: "--public-url <url>",
      description: "address under which people reach the dashboard, for links in notifications",
      parse: text,
    },
    maxWorkers: maxWorkersOption,
    ...observationOptions,
    ...common,
  },
  examples: [
    { line: "troupe serve", meaning: "the API on http://127.0.0.1:7171" },
    { line: "troupe serve --port 0 -o json", meaning: "on any port; the address and a key as JSON" },
  ],
  async run({ context, options }) {
    const { host = HOST_DEFAULT, port = PORT_DEFAULT } = options;
    const allowedHosts = (options.allowHost ?? "")
      .toLowerCase()
      .split(",")
      .filter((name) => name !== "");
    if (!isLoopback(host) && allowedHosts.length === 0)
      throw usage(
        `${host} can be reached from outside.`,
        "Name the hosts by which clients may call with --allow-host, and put TLS before it.",
      );
    await using opened = await openProjectFor(context, options);
    const { terminal, version } = context;
    return await withDriver(context, opened, { ...options, adopt: "all" }, async ({ driver, interrupts }) => {
      const { openServer } = await import("../../main/serve.ts");
      const { project, settings, output } = opened;
      const tenant = settings.values.tenant || "default";
      await using serving = await openServer({
        project,
        driver,
        tenant,
        rules: (await notifyOptionsFor(context, settings)).rules,
        allowedHosts,
        version,
        warn: (message) => terminal.note(`warning: ${message}\n`),
      });
      const url = await serving.http.listen({ host, port });
      const { directory: state } = project;
      // Without a terminal it would stand in somebody's log (S-28).
      const key = terminal.isLive ? `${serving.ownToken}   (admin, until this process ends)` : "`troupe keys create NAME` makes one";
      if (output === "text") terminal.note(banner({ url, key, state, isRemote: driver.kind === "remote" }));
      else terminal.data(`${JSON.stringify({ url, token: serving.ownToken, state })}\n`);
      const ended = Promise.withResolvers<number>();
      using _answering = interrupts.answer({
        cancel: () => ended.resolve(EXIT.interrupted),
        force: () => process.exit(EXIT.interrupted),
        suspend: (isAgain) => (isAgain ? process.exit(EXIT.terminated) : ended.resolve(EXIT.terminated)),
      });
      const code = await ended.promise;
      terminal.note("Stopping: attempts that run may end; what is unfinished goes on with the next engine.\n");
      await serving.http[Symbol.asyncDispose]();
      await driver.suspend(DRAIN_MS);
      return code;
    });
  },
});

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function banner({ url, key, state, isRemote }: { url: string; key: string; state: string; isRemote: boolean }): string {
  const rows = [
    ["API", `${url}/api/v1`],
    ["OpenAPI", `${url}/openapi.json`],
    ["health", `${url}/healthz   ${url}/readyz`],
    ["state", state],
    ["key", key],
    ...(isRemote ? [["engine", "another process drives the runs; this one takes over when it ends"]] : []),
  ];
  return ["Troupe is serving.", ...rows.map(([name = "", value = ""]) => `  ${name.padEnd(8)} ${value}`), ""].join("\n");
}
