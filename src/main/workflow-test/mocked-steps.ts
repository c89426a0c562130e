/** Step types for tests: what is pure runs as it is, everything else does what its mock says. */
import { parseDurationMs } from "../../core/duration.ts";
import { FAILURE_CLASSES, type FailureClass, type TaskFailure } from "../../core/failure.ts";
import { parseItemId, stepNameOf } from "../../core/item-id.ts";
import type { JsonObject } from "../../core/json.ts";
import type { StepTypeDeclaration } from "../../plan/step-type.ts";
import type { AttemptContext, AttemptRequest, Execution, StepType } from "../../ports/attempt.ts";
import type { Clock } from "../../ports/clock.ts";
import { createApprovalStep } from "../../steps/approval/execute.ts";
import { assertStep } from "../../steps/assert/execute.ts";
import { switchStep } from "../../steps/switch/execute.ts";
import { createTemplateStep } from "../../steps/template/execute.ts";
import { createWaitStep } from "../../steps/wait/execute.ts";
import type { Quiet } from "./quiet.ts";
import type { Fault, Mock } from "./test-document.ts";

export interface MockedStepsOptions {
  readonly declarations: readonly StepTypeDeclaration[];
  readonly mocks: Readonly<Record<string, Mock | readonly Mock[]>>;
  readonly clock: Clock;
  readonly quiet: Quiet;
  /** What goes wrong with an attempt besides; null for nothing. */
  readonly faultOf?: (request: AttemptRequest) => Fault | null;
}

/** A mock stands for every step that has none of its own and is not pure. */
export const ANY = "*";
/** Longer than any time limit that a step of a test has. */
const SLOW_MS = 3_600_000;

export function createMockedSteps(options: MockedStepsOptions): ReadonlyMap<string, StepType> {
  const pure = new Map<string, StepType>(
    [
      assertStep,
      switchStep,
      // Nothing is written: a test leaves nothing behind.
      createTemplateStep({
        files: { write: (_root, path, text) => Promise.resolve({ ok: true, file: { path, bytes: text.length, sha256: "" } }) },
      }),
      createWaitStep({ clock: options.clock }),
      createApprovalStep({ clock: options.clock }),
    ].map((type) => [type.declaration.type, type]),
  );
  return new Map(options.declarations.map((declaration) => [declaration.type, mocked(declaration, pure.get(declaration.type), options)]));
}

function mocked(declaration: StepTypeDeclaration, real: StepType | undefined, options: MockedStepsOptions): StepType {
  return {
    declaration,
    survivesEngine: false,
    async execute(context): Promise<Execution> {
      const fault = options.faultOf?.(context.request) ?? null;
      if (fault !== null) return await faulty(fault, context, options);
      const mock = mockOf(options.mocks, context.request, real === undefined);
      if (mock !== undefined) return await pretend(mock, context, options);
      if (real !== undefined) return await real.execute(context);
      const { id } = context.request.step;
      return failed({
        class: "permanent",
        code: "TEST_UNMOCKED",
        title: `The step \`${id}\` has no mock.`,
        hint: `Give the case one: \`mocks: { ${stepNameOf(id)}: { output: … } }\`.`,
      });
    },
  };
}

/** An item's own mock, its step's, or that of all steps; a list has one entry for each attempt, and its last for all that follow. */
function mockOf(mocks: MockedStepsOptions["mocks"], { step, attempt }: AttemptRequest, needsOne: boolean): Mock | undefined {
  const item = parseItemId(step.id);
  // Whoever writes a mock writes the key as the workflow has it, not as it travels in an id.
  const own = mocks[item === null ? step.id : `${item.step}[${item.key}]`];
  const named = own ?? mocks[step.id] ?? mocks[stepNameOf(step.id)] ?? (needsOne ? mocks[ANY] : undefined);
  if (named === undefined || !Array.isArray(named)) return named as Mock | undefined; // Readonly arrays are not told apart by the guard.
  return (named as readonly Mock[])[Math.min(attempt, named.length) - 1];
}

async function pretend(mock: Mock, context: AttemptContext, { clock, quiet }: MockedStepsOptions): Promise<Execution> {
  const delayMs = mock.delay === undefined ? 0 : (parseDurationMs(mock.delay) ?? 0);
  if (delayMs > 0 && !(await quiet.sleep(clock, delayMs, context.signal))) return stopped(context);
  const usage = mock.cost === undefined ? {} : { usage: { costUsd: mock.cost } };
  if (mock.lost === true) return { kind: "lost", reason: "The test says that it is lost." };
  if (mock.error !== undefined) return { kind: "failed", failure: toFailure(mock.error), ...usage };
  const codes = context.value("success_codes");
  const isFine = mock.exit_code === undefined || (Array.isArray(codes) ? codes.includes(mock.exit_code) : mock.exit_code === 0);
  if (!isFine) return { kind: "failed", failure: exitFailure(mock.exit_code ?? 1), ...usage };
  return { kind: "succeeded", output: mock.output ?? null, ...usage };
}

async function faulty(fault: Fault, context: AttemptContext, { clock, quiet }: MockedStepsOptions): Promise<Execution> {
  switch (fault) {
    case "transient":
      return failed({ class: "transient", code: "SIMULATED", title: "A simulated failure that may pass" });
    case "permanent":
      return failed({ class: "permanent", code: "SIMULATED", title: "A simulated failure for good" });
    case "lost":
      return { kind: "lost", reason: "A simulated loss" };
    case "timeout":
    case "slow": {
      // Without a time limit nobody would ever end it: that is for `troupe validate` to say.
      const isEndless = fault === "timeout" && context.request.deadlineAt !== null;
      const isDue = await quiet.sleep(clock, isEndless ? Number.POSITIVE_INFINITY : SLOW_MS, context.signal);
      return isDue ? { kind: "succeeded", output: null } : stopped(context);
    }
    case "cancel":
      return failed({ class: "canceled", code: "SIMULATED", title: "A simulated cancel" });
  }
}

function stopped({ signal }: AttemptContext): Execution {
  return signal.reason === "timeout" ? { kind: "timed_out", detail: "It was stopped at its time limit." } : { kind: "stopped" };
}

function failed(failure: TaskFailure): Execution {
  return { kind: "failed", failure };
}

function exitFailure(exitCode: number): TaskFailure {
  return { class: "transient", code: "EXIT_CODE", title: `Exit code ${exitCode}.`, exitCode };
}

export function toFailure(error: JsonObject): TaskFailure {
  const { class: given, code, title, detail, status } = error;
  const failureClass = FAILURE_CLASSES.find((one) => one === given) ?? ("permanent" satisfies FailureClass);
  return {
    class: failureClass,
    code: typeof code === "string" ? code : "MOCKED",
    title: typeof title === "string" ? title : "A mocked failure",
    ...(typeof detail === "string" && { detail }),
    ...(typeof status === "number" && { status }),
  };
}
