/** One quarantined step: why it is here, what is known of it, and what can be done. */
import { useState } from "preact/hooks";
import type { QuarantinedView } from "../../../src/contract/quarantined-view.ts";
import type { StepDetail } from "../../../src/contract/step-detail.ts";
import { get } from "../../api/request.ts";
import { whyNotAllowed } from "../../api/session.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { ask } from "../../ui/dialog.tsx";
import { many, shortId } from "../../ui/format.ts";
import { Marked } from "../../ui/marked.tsx";
import { JsonText, Time } from "../../ui/texts.tsx";
import { toast } from "../../ui/toast.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { OverrideForm } from "./override-form.tsx";
import { type Decision, takeOut } from "./take-out.ts";
import { WAYS_OUT, type WayOut } from "./ways-out.ts";

interface StepOutProps {
  readonly one: QuarantinedView;
  /** It is out. */
  readonly left: () => void;
}

export function StepOut({ one, left }: StepOutProps) {
  const { run, workflow, step, because, since, attempts, error } = one;
  const path = `/runs/${run}/steps/${encodeURIComponent(step)}`;
  const detail = useLoaded(path, (signal) => get<StepDetail>(path, { signal }));
  const [isOverriding, setOverriding] = useState(false);
  const known = detail.state.kind === "ready" ? detail.state.value : null;
  const decide = async (decision: Decision, way: WayOut): Promise<void> => {
    await takeOut(one, decision);
    toast(`Step ${step}: ${way.done}.`, { to: `/runs/${run}`, text: "Look at the run" });
    left();
  };
  const take = async (way: WayOut): Promise<void> => {
    if (way.kind === "override") return setOverriding(!isOverriding);
    const answer = await ask({
      title: `${way.name}?`,
      body: <p>{way.does}</p>,
      yes: way.name,
      tone: way.kind === "fail" ? "danger" : "primary",
      fields: way.kind === "release" ? [] : [{ name: "reason", label: "Reason, for the journal", kind: "long" }],
    });
    if (answer === null) return;
    await decide(way.kind === "release" ? { kind: "release" } : { kind: way.kind, reason: answer.reason ?? null }, way);
  };
  return (
    <article class="stack step-out" aria-labelledby="held-step">
      <header class="stack tight">
        <h2 id="held-step" class="row wrap">
          <span class="mono">{step}</span> <StateBadge state="quarantined" />
        </h2>
        <p class="soft">
          <a href={`/workflows/${encodeURIComponent(workflow)}`}>{workflow}</a>, run{" "}
          <a class="mono" href={`/runs/${run}`}>
            {shortId(run)}
          </a>
          , held since <Time at={since} />, after {many(attempts, "attempt")}.
        </p>
      </header>
      <section class="stack tight" aria-label="Why">
        <h3>Why a person has to decide</h3>
        {because !== error?.title && <p class="because">{because}</p>}
        {error !== null && <Failure error={error} />}
        <p>
          <a href={`/runs/${run}?step=${encodeURIComponent(step)}`}>What it printed</a>
        </p>
      </section>
      {known?.step.lateResult && (
        <section class="stack tight" aria-label="What came later">
          <h3>Its attempt has ended since: {known.step.lateResult.outcome.replaceAll("_", " ")}</h3>
          {known.step.lateResult.output !== null && <JsonText value={known.step.lateResult.output} label="Output that came late" />}
        </section>
      )}
      <section class="stack tight" aria-label="Ways out">
        <h3>What you can do</h3>
        <ul class="ways">
          {WAYS_OUT.map((way) => (
            <li key={way.kind}>
              <div class="way-text">
                <p>
                  <b>{way.name}.</b> <Marked text={way.does} />
                </p>
                <p class="soft small">{way.when}</p>
              </div>
              <Button
                icon={way.icon}
                tone={way.kind === "fail" ? "danger" : "plain"}
                unless={whyNotAllowed(way.right)}
                {...(way.kind === "override" && { expanded: isOverriding })}
                run={() => take(way)}
              >
                {way.name}
              </Button>
              {way.kind === "override" && isOverriding && (
                <OverrideForm
                  given={known?.step.lateResult?.output ?? null}
                  decide={(output) => decide({ kind: "override", output }, way)}
                />
              )}
            </li>
          ))}
        </ul>
      </section>
    </article>
  );
}

function Failure({ error }: { readonly error: NonNullable<QuarantinedView["error"]> }) {
  return (
    <div class="failure" data-family="failed">
      <p>
        <span class="tag">{error.class}</span> <span class="mono">{error.code}</span> {error.title}
      </p>
      {error.detail !== undefined && <pre class="failure-detail">{error.detail}</pre>}
      {error.hint !== undefined && <p class="soft">{error.hint}</p>}
    </div>
  );
}
