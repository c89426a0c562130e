/** `troupe run --server`: starts a run on a server, by the name of a deployed workflow or by a file, and shows it as one of this machine. */
import { existsSync } from "node:fs";
import type { DefinitionView } from "../../contract/definition-view.ts";
import type { EventView } from "../../contract/event-view.ts";
import type { PendingDecision } from "../../contract/pending-decision.ts";
import type { RunAnswer, RunView, StepPage, StepView } from "../../contract/run-view.ts";
import type { WorkflowView } from "../../contract/workflow-view.ts";
import { isTroupeError } from "../../core/errors.ts";
import type { RunId } from "../../core/ids.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { CompiledWorkflow } from "../../plan/workflow.ts";
import { computeActualPath } from "../actual-path.ts";
import type { Context } from "../context.ts";
import { EXIT, exitCodeOf } from "../exit-code.ts";
import { onInterrupts } from "../interrupts.ts";
import { reasonOf } from "../live/live-model.ts";
import { loadFile } from "../load-file.ts";
import type { OutputFormat } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { renderSummary } from "../render/run-summary.ts";
import { createReporter } from "../reporter.ts";
import type { Reporter } from "../reporter-shape.ts";
import { mayAsk, STILL } from "../until-still.ts";
import type { ServerClient } from "./server-client.ts";
import { serverEvents } from "./server-events.ts";

export interface ServerRunOptions {
  readonly context: Context;
  readonly client: ServerClient;
  /** A file, or the name of a deployed workflow. */
  readonly workflow: string;
  readonly readInput: (schema: JsonObject | null) => Promise<Json | undefined>;
  readonly priority: number | undefined;
  readonly concurrency: number | undefined;
  readonly key: string | undefined;
  readonly output: OutputFormat;
  readonly isDetached: boolean;
  /** Stays also where only a person can let the run go on. */
  readonly waits: boolean;
}

/** The exit code. @throws RequestError SERVER_REFUSED, SERVER_AWAY */
export async function runOnServer(options: ServerRunOptions): Promise<number> {
  const { context, output, isDetached } = options;
  const { terminal } = context;
  const { id } = await start(options);
  if (isDetached) {
    terminal.data(`${output === "text" ? id : JSON.stringify({ id })}\n`);
    return EXIT.succeeded;
  }
  // It goes on there, whether or not it can be asked about at this moment.
  const client = patient(options.client);
  const workflow = await definitionOf(client, id);
  if (!terminal.isLive && output !== "jsonl") terminal.note(`${workflow.name} ${id} (on the server)\n`);
  const retries = new Map<string, string[]>();
  const ending = await follow({ ...options, client }, id, workflow, retries);
  if (ending === "left") {
    terminal.note(`The run goes on at the server: ${id}\n`);
    return EXIT.terminated;
  }
  const view = await viewOf(client, id);
  if (output === "text")
    printLines(
      terminal,
      renderSummary({ view, criticalPath: computeActualPath(workflow, view), retries, logTails: new Map() }, terminal.dataLook),
    );
  else if (output === "json") printJson(terminal, view, output);
  if (ending === "person") return EXIT.waitsForPerson;
  return view.state === "canceled" && ending === "canceled" ? EXIT.interrupted : exitCodeOf(view, workflow);
}

async function start({ context: { env }, client, workflow, readInput, priority, concurrency, key }: ServerRunOptions): Promise<RunView> {
  const isFile = existsSync(workflow) || /\.(ya?ml|json)$/i.test(workflow);
  const local = isFile ? await loadFile(workflow) : null;
  const input = await readInput(local === null ? await schemaOf(client, workflow) : local.inputSchema);
  const body = {
    ...(local === null ? { workflow } : { definition: local.document }),
    ...(input !== undefined && { input }),
    ...(priority !== undefined && { priority }),
    ...(concurrency !== undefined && { concurrency }),
  };
  const { TRACEPARENT: traceparent, TRACESTATE: tracestate } = env;
  return client.ask<RunView>("POST", "/runs", body, {
    ...(key !== undefined && { "idempotency-key": key }),
    ...(traceparent !== undefined && { traceparent, ...(tracestate !== undefined && { tracestate }) }),
  });
}

async function schemaOf(client: ServerClient, workflow: string): Promise<JsonObject | null> {
  const { inputSchema } = await client.ask<WorkflowView>("GET", `/workflows/${encodeURIComponent(workflow)}`);
  return inputSchema;
}

const ASKS_AGAIN_MS = 1_000;

/** Reads that wait for a server to come back. */
function patient(client: ServerClient): ServerClient {
  return {
    events: client.events,
    async ask(method, ...asked) {
      for (;;) {
        try {
          return await client.ask(method, ...asked);
        } catch (thrown) {
          if (method !== "GET" || !isTroupeError(thrown) || thrown.code !== "SERVER_AWAY") throw thrown;
          await new Promise((resolve) => setTimeout(resolve, ASKS_AGAIN_MS));
        }
      }
    },
  };
}

/** As the server runs it, so that the plan that is shown is the one that is followed. */
async function definitionOf(client: ServerClient, run: string): Promise<CompiledWorkflow> {
  const [{ document }, { compile }, { declarationsOf }] = await Promise.all([
    client.ask<DefinitionView>("GET", `/runs/${run}/definition`),
    import("../../definition/index.ts"),
    import("../../main/declarations.ts"),
  ]);
  return compile(document, { file: run, stepTypes: declarationsOf([]) });
}

/** The run with all of its steps. */
async function viewOf(client: ServerClient, run: string): Promise<RunView> {
  const { stepsNext, ...view } = await client.ask<RunAnswer>("GET", `/runs/${run}`);
  const steps: StepView[] = [...view.steps];
  for (let cursor = stepsNext; cursor !== null; ) {
    const page = await client.ask<StepPage>("GET", `/runs/${run}/steps?cursor=${encodeURIComponent(cursor)}`);
    steps.push(...page.steps);
    cursor = page.next;
  }
  return { ...view, steps };
}

type Ending = "rest" | "canceled" | "person" | "left";

async function follow(
  { context, client, output, waits }: ServerRunOptions,
  run: string,
  workflow: CompiledWorkflow,
  retries: Map<string, string[]>,
): Promise<Ending> {
  const { terminal } = context;
  // What the run is expected to take, and what its steps print, is at the server.
  const nothingHere = { store: { history: () => [], attempts: () => [] }, directory: "" };
  const workers = workflow.steps.length;
  using reporter: Reporter = await createReporter({ terminal, output, project: nothingHere, runId: run as RunId, workflow, workers });
  const stop = new AbortController();
  let ending: Ending = "rest";
  const leave = (): void => {
    ending = "left";
    stop.abort();
  };
  using _interrupts = onInterrupts(context.process, {
    cancel() {
      ending = "canceled";
      reporter.say("Canceling: running steps are asked to end. Press Ctrl-C again to leave.");
      // A refusal says that the run has ended meanwhile, and its end is on the way.
      client.ask("POST", `/runs/${run}/cancel`, { reason: "interrupted" }).catch(() => {});
    },
    force: leave,
    suspend: leave,
  });
  const stays = waits || terminal.isInteractive || !mayAsk(workflow);
  const away = (isAway: boolean): void =>
    reporter.say(isAway ? "The server cannot be reached; the run is not lost. Trying again." : "The server is there again.");
  for await (const event of serverEvents({ client, run, signal: stop.signal, away })) {
    reporter.event(event, true);
    noteRetry(retries, event);
    if (!stays && STILL.has(event.to ?? "") && (await waitsForPerson(client, run))) return "person";
  }
  return ending;
}

function noteRetry(retries: Map<string, string[]>, { type, stepId, data }: EventView): void {
  if (type !== "step.retrying" || stepId === undefined) return;
  retries.set(stepId, [...(retries.get(stepId) ?? []), reasonOf(data) ?? "it failed"]);
}

/** Whether nothing goes on before somebody decides. */
async function waitsForPerson(client: ServerClient, run: string): Promise<boolean> {
  const { steps } = await viewOf(client, run);
  const isMoving = ({ state, detail }: StepView): boolean =>
    state === "retrying" || detail === "pending.queued" || (state === "running" && detail !== "running.parked");
  if (steps.some(isMoving)) return false;
  const asked = await client.ask<readonly PendingDecision[]>("GET", "/approvals");
  return asked.some((one) => one.run === run);
}
