/** One decision, with all that it is about. What is sent names the digest of exactly what is shown (S-36). */
import { useState } from "preact/hooks";
import type { PendingDecision } from "../../../src/contract/pending-decision.ts";
import { type Problem, problemOf } from "../../api/problem.ts";
import { change } from "../../api/request.ts";
import { whoami, whyNotAllowed } from "../../api/session.ts";
import { problemsIn } from "../../schema-form/draft.ts";
import { fill, JsonFormFields, openForm } from "../../schema-form/json-form.tsx";
import { Button } from "../../ui/button.tsx";
import { ask } from "../../ui/dialog.tsx";
import { now } from "../../ui/now.ts";
import { ProblemBox } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { type Asked, readRequest, whyNotMine } from "./read-request.ts";
import { Shown } from "./shown.tsx";

interface DecidingProps {
  readonly pending: PendingDecision;
  readonly decided: () => void;
  readonly reload: () => void;
}

/** Somebody was faster, or what it asks has changed: the list is asked anew. */
const STALE = new Set(["APPROVAL_NONE", "APPROVAL_DIGEST", "APPROVAL_LATE", "STEP_NOT_WAITING", "RUN_NOT_FOUND"]);

export function Deciding({ pending, decided, reload }: DecidingProps) {
  const asked = readRequest(pending.request);
  const [form, setForm] = useState(() => openForm(asked.fields ?? {}, "fields"));
  const [comment, setComment] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);

  const decide = async (decision: "approved" | "rejected"): Promise<void> => {
    setProblem(null);
    const fields = asked.fields === null || decision === "rejected" ? null : fill(form);
    if (fields?.kind === "wrong") return setForm(fields.form);
    if (decision === "approved" && !(await isSure(asked))) return;
    const { run, step, digest } = pending;
    try {
      await change("POST", `/approvals/${run}`, {
        body: {
          decision,
          digest,
          step,
          ...(comment.trim() !== "" && { comment: comment.trim() }),
          ...(fields !== null && { fields: fields.value }),
        },
      });
    } catch (thrown) {
      const told = problemOf(thrown);
      const wrong = told.code === "APPROVAL_FIELDS" ? problemsIn(told.detail, "fields") : [];
      if (wrong.length > 0) setForm({ ...form, problems: wrong });
      else setProblem(told);
      if (STALE.has(told.code)) reload();
      return;
    }
    toast(decision === "approved" ? "Approved." : "Rejected.", { to: `/runs/${run}`, text: "Look at the run" });
    decided();
  };

  const late = pending.dueAt !== null && pending.dueAt <= now.value;
  const unless = late ? "The time to decide has ended." : (whyNotAllowed("approve") ?? whyNotMine(asked, whoami.value?.name ?? ""));
  return (
    <article class="stack deciding" aria-labelledby="prompt">
      <Shown pending={pending} asked={asked} isLate={late} />
      {unless !== null && !late && <p class="notice">{unless}</p>}
      {asked.fields !== null && (
        <section class="stack tight" aria-label="Fields of the answer">
          <h3>What the answer needs</h3>
          <JsonFormFields form={form} change={setForm} />
        </section>
      )}
      <label class="field">
        <span>
          Comment <span class="soft">(optional, for the journal)</span>
        </span>
        <textarea rows={2} maxLength={4_000} value={comment} onInput={({ currentTarget }) => setComment(currentTarget.value)} />
      </label>
      {problem !== null && <ProblemBox problem={problem} />}
      <div class="row wrap">
        <Button tone="primary" icon="done" unless={unless} run={() => decide("approved")}>
          Approve
        </Button>
        <Button tone="danger" icon="close" unless={unless} run={() => decide("rejected")}>
          Reject
        </Button>
      </div>
    </article>
  );
}

/** One more question where much is at stake. */
async function isSure({ risk, prompt }: Asked): Promise<boolean> {
  if (risk === null || (risk.level !== "high" && risk.level !== "critical")) return true;
  const answer = await ask({
    title: `Approve at ${risk.level} risk?`,
    body: (
      <>
        <p>{prompt}</p>
        <ul>
          {risk.reasons.map(({ reason }) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </>
    ),
    yes: "Approve",
  });
  return answer !== null;
}
