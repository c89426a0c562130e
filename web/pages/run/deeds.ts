/** What people do to a run. Each asks first, says what came of it, and throws the server's problem. */
import type { RunAnswer } from "../../../src/contract/run-view.ts";
import { change } from "../../api/request.ts";
import { go } from "../../shell/router.ts";
import { ask } from "../../ui/dialog.tsx";
import { shortId } from "../../ui/format.ts";
import { toast } from "../../ui/toast.tsx";

interface Subject {
  readonly id: string;
  readonly workflow: string;
}

const named = ({ id, workflow }: Subject): string => `${workflow} ${shortId(id)}`;

export async function cancelRun(run: Subject): Promise<void> {
  const answers = await ask({
    title: `Cancel ${named(run)}?`,
    body: "What runs is stopped, compensations and finally-steps have their turn. It cannot be taken back.",
    yes: "Cancel the run",
    tone: "danger",
    fields: [{ name: "reason", label: "Reason, for the journal" }],
  });
  if (answers === null) return;
  await change("POST", `/runs/${run.id}/cancel`, { body: answers });
  toast(`${named(run)} is being canceled.`);
}

export async function pauseRun(run: Subject): Promise<void> {
  const answers = await ask({
    title: `Pause ${named(run)}?`,
    body: "What runs may end; nothing more is started until you resume it.",
    yes: "Pause the run",
  });
  if (answers === null) return;
  await change("POST", `/runs/${run.id}/pause`, { body: {} });
  toast(`${named(run)} is paused.`);
}

export async function resumeRun(run: Subject): Promise<void> {
  await change("POST", `/runs/${run.id}/resume`, { body: {} });
  toast(`${named(run)} goes on.`);
}

export async function retryRun(run: Subject): Promise<void> {
  const answers = await ask({
    title: `Retry ${named(run)}?`,
    body: "A new run takes over what has succeeded and repeats the rest.",
    yes: "Retry",
  });
  if (answers !== null) follow(await change<RunAnswer>("POST", `/runs/${run.id}/retry`, { body: {} }));
}

/** @param from the step at which the new run begins; asked for where it is null */
export async function forkRun(run: Subject, steps: readonly string[], from: string | null): Promise<void> {
  const answers = await ask({
    title: from === null ? `Fork ${named(run)}?` : `Run again from ${from}?`,
    body: "A new run takes over what came before the step, and does the step and all that needs it again.",
    yes: "Start the new run",
    ...(from === null && {
      fields: [
        {
          name: "from",
          label: "Step to begin with",
          kind: "choice" as const,
          required: true,
          value: steps[0] ?? "",
          choices: steps.map((value) => ({ value, text: value })),
        },
      ],
    }),
  });
  const step = from ?? answers?.from;
  if (answers === null || step === undefined) return;
  follow(await change<RunAnswer>("POST", `/runs/${run.id}/fork`, { body: { from: step } }));
}

export async function releaseStep(run: Subject, step: string): Promise<void> {
  const answers = await ask({
    title: `Release ${step}?`,
    body: "The step is tried again as if nothing had happened. Release it only when you know what its last attempt has done.",
    yes: "Release the step",
    tone: "danger",
  });
  if (answers === null) return;
  await change("POST", `/runs/${run.id}/release`, { body: { step } });
  toast(`${step} is tried again.`);
}

function follow(next: Subject): void {
  toast(`${named(next)} has started.`);
  go(`/runs/${next.id}`);
}
