/** The tool router: gathers what is known of each tool, lets the pure selection choose, and calls the chosen one in its breaker. */
import { RequestError } from "../../core/errors.ts";
import { nearestName } from "../../core/nearest.ts";
import { objectionTo, selectTool, type ToolFacts, type ToolQuestion } from "../../plan/select-tool.ts";
import { type Router, type ToolDeclaration, toolTarget } from "../../plan/tool.ts";
import { toDecision } from "../../plan/tool-decision.ts";
import type { Breakers } from "../../ports/breaker.ts";
import type { Clock } from "../../ports/clock.ts";
import type { SelectionRequest, ToolHistory, ToolProbe, ToolProber, Tools } from "../../ports/tools.ts";
import { createPlaces } from "./places.ts";

export interface ToolRouterOptions {
  /** The tools of a project, by any path in it. @throws DefinitionErrors; RequestError FILE_UNREADABLE */
  readonly routerOf: (from: string) => Router;
  readonly prober: ToolProber;
  readonly history: ToolHistory;
  readonly breakers: Breakers;
  readonly clock: Pick<Clock, "now">;
  /** Where the search begins for those who name no path. */
  readonly here: string;
}

/** How long the answer of a tool without a health check is believed: its version may change. */
const VERSION_BELIEVED_MS = 300_000;

/** Remembers health checks as long as each tool says, or five minutes. */
export function createToolRouter({ routerOf, prober, history, breakers, clock, here }: ToolRouterOptions): Tools {
  const places = createPlaces();
  const probes = new Map<string, { readonly at: number; readonly answer: Promise<ToolProbe> }>();
  const told = new Map<string, ToolProbe>();
  const keyOf = (tool: ToolDeclaration, program: string | null): string =>
    JSON.stringify([program, tool.command, tool.health, tool.version, tool.env]);

  /** Whether a program is there is asked each time, since that costs nothing; how it is, when the last answer is too old. */
  function probe(tool: ToolDeclaration): Promise<ToolProbe> {
    const program = prober.locate(tool);
    const key = keyOf(tool, program);
    const known = probes.get(key);
    const now = clock.now();
    if (known !== undefined && now - known.at < (tool.health?.everyMs ?? VERSION_BELIEVED_MS)) return known.answer;
    const answer = prober.probe(tool);
    void answer.then((probed) => told.set(key, probed)); // It never rejects.
    probes.set(key, { at: now, answer });
    return answer;
  }

  async function factsOf(tool: ToolDeclaration, question: ToolQuestion, { tenant }: SelectionRequest): Promise<ToolFacts> {
    return {
      tool,
      probe: objectionTo(tool, question) === null ? await probe(tool) : null,
      breaker: breakers.state({ tenant, target: toolTarget(tool.name) }),
      record: history.toolRecord(tool.name, tenant),
    };
  }

  return {
    async select(request) {
      const { policy, workspace, workflowFile = workspace, permit = null, paths = null } = request;
      const { tools, prefer, file } = routerOf(workflowFile);
      const question: ToolQuestion = { policy, prefer, permit, paths };
      const choice = selectTool(await Promise.all(tools.map((tool) => factsOf(tool, question, request))), question);
      const order = choice.order.flatMap((name) => tools.find((tool) => tool.name === name) ?? []);
      return { order, decision: toDecision(choice, question, file) };
    },
    async call(tool, { tenant, signal }, work, judge) {
      using _place = await places.enter(tool.name, tool.limits.concurrency, signal);
      return await breakers.call({ tenant, target: toolTarget(tool.name) }, work, judge, tool.breaker);
    },
    async probe(name, from = here) {
      const { tools } = routerOf(from);
      const tool = tools.find((one) => one.name === name);
      if (tool !== undefined) return probe(tool);
      const near = nearestName(
        name,
        tools.map((one) => one.name),
      );
      throw new RequestError("TOOL_UNKNOWN", { tool: name }, near === undefined ? {} : { fix: `Did you mean \`${near}\`?` });
    },
    lastProbe: (tool) => told.get(keyOf(tool, prober.locate(tool))) ?? null,
    list: (from = here) => routerOf(from).tools,
  };
}
