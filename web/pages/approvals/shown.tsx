import type { PendingDecision } from "../../../src/contract/pending-decision.ts";
import { isJsonObject, type Json } from "../../api/json.ts";
import { dateTime, shortId } from "../../ui/format.ts";
import { CopyId, JsonText, Time } from "../../ui/texts.tsx";
import { type Asked, otherwiseText } from "./read-request.ts";
import { RiskPanel } from "./risk.tsx";

interface ShownProps {
  readonly pending: PendingDecision;
  readonly asked: Asked;
  readonly isLate: boolean;
}

export function Shown({ pending, asked, isLate }: ShownProps) {
  const { run, step, digest, dueAt, request, attempt } = pending;
  const { title, prompt, show, risk, who, notBy, expires } = asked;
  return (
    <>
      <header class="stack tight">
        <h2 id="prompt" class="prompt">
          {prompt || title || step}
        </h2>
        <p class="soft">
          <a href={`/workflows/${encodeURIComponent(asked.workflow)}`}>{asked.workflow}</a>, step <code>{step}</code>
          {title !== null && ` (${title})`}, run{" "}
          <a class="mono" href={`/runs/${run}`}>
            {shortId(run)}
          </a>
          {attempt > 1 && ", asked for the second time: nobody decided in time before"}
        </p>
      </header>
      {dueAt !== null && expires !== null && (
        <p class={isLate ? "notice" : ""}>
          {isLate ? "The time to decide ended " : "To be decided "}
          <Time at={dueAt} /> <span class="soft">({dateTime(dueAt)})</span>
          {isLate ? "; " : ". If nobody does, "}
          {otherwiseText(expires)}.
        </p>
      )}
      {risk !== null && <RiskPanel risk={risk} />}
      {show !== null && (
        <section class="stack tight" aria-label="What it shows">
          <h3>What it is about</h3>
          <Values value={show} />
        </section>
      )}
      <dl class="facts">
        <div>
          <dt>Who may decide</dt>
          <dd>
            {who.length === 0 ? "anybody who may approve" : who.join(", ")}
            {notBy !== null && `, but not ${notBy}, who started it`}
          </dd>
        </div>
        <div>
          <dt>Digest of what is shown</dt>
          <dd>
            <CopyId id={digest} text={digest.slice(0, 16)} />
          </dd>
        </div>
      </dl>
      <details>
        <summary>The request as it is recorded</summary>
        <JsonText value={request} label="Request" />
      </details>
    </>
  );
}

/** Short values as a list of names, everything else as JSON. */
function Values({ value }: { readonly value: Json }) {
  const isPlain = isJsonObject(value) && Object.values(value).every((one) => typeof one !== "object" || one === null);
  if (!isPlain) return <JsonText value={value} label="What it is about" />;
  return (
    <dl class="shown-values">
      {Object.entries(value).map(([name, one]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{String(one)}</dd>
        </div>
      ))}
    </dl>
  );
}
