/** A run that another machine's server starts and drives. */
import type { Priority } from "../../plan/workflow.ts";
import type { Context } from "../context.ts";
import { readInput, usage } from "../input.ts";
import type { OutputFormat } from "../option.ts";

export interface ElsewhereOptions extends Readonly<Record<string, unknown>> {
  readonly keyFile?: string | undefined;
  readonly input?: string | undefined;
  readonly set: readonly string[];
  readonly sequential?: boolean | undefined;
  readonly priority?: Priority | undefined;
  readonly key?: string | undefined;
  readonly detach?: boolean | undefined;
  readonly wait?: boolean | undefined;
}

/** What is said about an engine of this machine, a server would not hear. */
const OF_THIS_MACHINE = ["maxWorkers", "dryRun", "tenant", "router", "noCache", "from", "profile", "durability", "state"] as const;

export async function runElsewhere(
  context: Context,
  options: ElsewhereOptions,
  server: string,
  { file, output }: { readonly file: string; readonly output: OutputFormat },
): Promise<number> {
  const here = OF_THIS_MACHINE.find((name) => options[name] !== undefined && options[name] !== false);
  if (here !== undefined)
    throw usage(
      `--${here.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is about an engine of this machine, and --server names another.`,
    );
  const [{ openServerClient, readKey }, { runOnServer }] = await Promise.all([import("./server-client.ts"), import("./run-on-server.ts")]);
  return runOnServer({
    context,
    client: openServerClient(server, readKey(options.keyFile, context.env)),
    workflow: file,
    readInput: (schema) => readInput(options.input, options.set, schema, context.terminal.stdin),
    priority: options.priority,
    concurrency: options.sequential ? 1 : undefined,
    key: options.key,
    output,
    isDetached: options.detach === true,
    waits: options.wait === true,
  });
}
