import { defineCommand } from "../command.ts";
import { openProjectFor } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { usage } from "../input.ts";
import { notifyOptionsFor } from "../notify-options.ts";
import { openBrowser } from "../open-browser.ts";
import { withDriver } from "../open-driver.ts";
import { common, integer, maxWorkersOption, observationOptions, text } from "../option.ts";

const PORT_DEFAULT = 7171;
const HOST_DEFAULT = "127.0.0.1";
/** For attempts that run when somebody wants the server's end. */
const DRAIN_MS = 5_000;

export const serveCommand = defineCommand({
  description:
    "Serves the dashboard and the API, and drives every run of the state directory. It listens on this machine only. On a terminal it prints a link that opens the dashboard once; every other request for data needs a key. SIGTERM lets running attempts end; what is unfinished goes on with the next engine.",
  arguments: [],
  options: {
    port: { flags: "--port <n>", description: `port (default: ${PORT_DEFAULT}; 0 for any that is free)`, parse: integer(0, 65_535) },
    host: { flags: "--host <address>", description: `address to listen on (default: ${HOST_DEFAULT})`, parse: text },
    allowHost: {
      flags: "--allow-host <names>",
      description: "names by which a proxy calls, such as troupe.example.org, separated by commas",
      parse: text,
    },
    open: { flags: "--open", description: "open the dashboard in the browser" },
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
    { line: "troupe serve --open", meaning: "the dashboard on http://127.0.0.1:7171, in the browser" },
    { line: "troupe serve --port 0 -o json", meaning: "on any port; the address, a login link and a key as JSON" },
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
    return await withDriver(context, opened, { ...options, adopt: "all", metrics: true }, async ({ driver, interrupts, metrics }) => {
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
        metrics,
        warn: (message) => terminal.note(`warning: ${message}\n`),
      });
      const url = await serving.http.listen({ host, port });
      const { directory: state } = project;
      const isRemote = driver.kind === "remote";
      if (output !== "text") terminal.data(`${JSON.stringify({ url, login: serving.loginLink(url), token: serving.ownToken, state })}\n`);
      // Without a terminal they would stand in somebody's log (S-28).
      else if (terminal.isLive) terminal.note(banner({ url, state, isRemote, login: serving.loginLink(url), key: serving.ownToken }));
      else terminal.note(banner({ url, state, isRemote }));
      if (options.open && !openBrowser(serving.loginLink(url), context)) terminal.note("There is no screen here to open a browser on.\n");
      const ended = Promise.withResolvers<number>();
      using _answering = interrupts.answer({
        cancel: () => ended.resolve(EXIT.interrupted),
        force: () => process.exit(EXIT.interrupted),
        suspend: (isAgain) => (isAgain ? process.exit(EXIT.terminated) : ended.resolve(EXIT.terminated)),
      });
      const code = await ended.promise;
      terminal.note("Stopping: attempts that run may end; what is unfinished goes on with the next engine.\n");
      await serving[Symbol.asyncDispose]();
      await driver.suspend(DRAIN_MS);
      return code;
    });
  },
});

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

interface Banner {
  readonly url: string;
  readonly state: string;
  /** Another process drives the runs. */
  readonly isRemote: boolean;
  /** For a person in front of a terminal. */
  readonly login?: string;
  readonly key?: string;
}

function banner({ url, state, isRemote, login, key }: Banner): string {
  const rows: readonly (readonly [name: string, value: string])[] = [
    ["dashboard", `${url}/`],
    ["API", `${url}/api/v1`],
    ["docs", `${url}/docs`],
    ["OpenAPI", `${url}/openapi.json`],
    ["health", `${url}/healthz   ${url}/readyz`],
    ["metrics", `${url}/metrics`],
    ["state", state],
    ["key", key === undefined ? "`troupe keys create NAME` makes one" : `${key}   (admin, until this process ends)`],
    ...(login === undefined ? [] : ([["log in", `${login}   (once, within ten minutes)`]] as const)),
    ...(isRemote ? ([["engine", "another process drives the runs; this one takes over when it ends"]] as const) : []),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return ["Troupe is serving.", ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`), ""].join("\n");
}
