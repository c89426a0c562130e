import type { BreakerView } from "../../../src/contract/tool-view.ts";
import { change } from "../../api/request.ts";
import { whyNotAllowed } from "../../api/session.ts";
import { Button } from "../../ui/button.tsx";
import { ask } from "../../ui/dialog.tsx";
import { duration, many } from "../../ui/format.ts";
import { now } from "../../ui/now.ts";
import { Time } from "../../ui/texts.tsx";
import { toast } from "../../ui/toast.tsx";

/** A switch that lets through, that does not, and that tries one: told apart without colours. */
const LOOKS = {
  closed: { family: "succeeded", path: "M2 8h12", text: "closed", says: "Steps may ask it." },
  open: { family: "failed", path: "M2 8h3M5 8l5.5-4.5M11 8h3", text: "open", says: "Steps that need it wait, or take another." },
  half_open: {
    family: "retrying",
    path: "M2 8h3M5 8l5.5-2M11 8h3M8 12.500h.1",
    text: "half open",
    says: "One step tries it; others wait.",
  },
} as const;

export function BreakerPanel({ breaker, reload }: { readonly breaker: BreakerView; readonly reload: () => void }) {
  const { tool, state, failures, retryAt, changedAt } = breaker;
  const { family, path, text, says } = LOOKS[state];
  const reset = async (): Promise<void> => {
    const answer = await ask({
      title: `Close the breaker of ${tool}?`,
      body: <p>Steps ask it again at once. If it still does not answer, they fail, and the breaker opens again.</p>,
      yes: "Close it",
    });
    if (answer === null) return;
    await change("POST", `/breakers/${encodeURIComponent(tool)}/reset`);
    toast(`The breaker of ${tool} is closed.`);
    reload();
  };
  return (
    <div class="breaker">
      <span class="badge breaker-state" data-family={family}>
        <svg viewBox="0 0 16 16" width="16" height="16" class="icon" aria-hidden="true">
          <path d={path} />
        </svg>
        {text}
      </span>
      <p class="grow soft small">
        {says} {failures > 0 && `${many(failures, "failure")} in a row. `}
        {retryAt !== null && <Countdown to={retryAt} />}
        {changedAt !== null && (
          <>
            {" "}
            Changed <Time at={changedAt} />.
          </>
        )}
      </p>
      {state !== "closed" && (
        <Button icon="retry" unless={whyNotAllowed("operate")} run={reset}>
          Reset
        </Button>
      )}
    </div>
  );
}

function Countdown({ to }: { readonly to: number }) {
  const left = to - now.value;
  return (
    <span class="num">{left > 0 ? `Tried again in ${duration(Math.ceil(left / 1_000) * 1_000)}.` : "Tried again at the next call."}</span>
  );
}
