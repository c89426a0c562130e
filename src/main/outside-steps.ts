/** The step types that speak with the outside: web services, people, and time. */
import { createSystemClock } from "../adapters/clock-system/clock.ts";
import { validateData } from "../definition/data-schema.ts";
import type { StepType } from "../ports/attempt.ts";
import type { HttpClient } from "../ports/http.ts";
import { createApprovalStep } from "../steps/approval/execute.ts";
import { createWaitStep } from "../steps/wait/execute.ts";
import { createWebhookStep } from "../steps/webhook/execute.ts";
import { createCallbacks } from "./callback-tokens.ts";

export interface OutsideOptions {
  /** State directory. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function createOutsideSteps({ directory, env }: OutsideOptions): readonly StepType[] {
  const clock = createSystemClock();
  const callbacks = createCallbacks(directory, env.TROUPE_CALLBACK_BASE);
  return [
    createWebhookStep({
      http: createLazyHttpClient(),
      clock,
      callbacks,
      validate: (schema, data, root) => validateData(schema, data, { root }).errors,
    }),
    createApprovalStep({ clock }),
    createWaitStep({ clock }),
  ];
}

/** undici takes some 60 ms to load, which only those pay who call somebody. */
function createLazyHttpClient(): HttpClient {
  let made: Promise<HttpClient> | null = null;
  return {
    async call(request, signal) {
      made ??= import("../adapters/http-undici/client.ts").then(({ createHttpClient }) => createHttpClient());
      return (await made).call(request, signal);
    },
  };
}
