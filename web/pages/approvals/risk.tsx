import type { Asked } from "./read-request.ts";

/** Each with a colour and a number of bars, so that it is told apart without colours. */
const LEVELS: Readonly<Record<string, { readonly family: string; readonly bars: number }>> = {
  low: { family: "succeeded", bars: 1 },
  medium: { family: "waiting", bars: 2 },
  high: { family: "retrying", bars: 3 },
  critical: { family: "failed", bars: 4 },
};

export function RiskBadge({ level }: { readonly level: string }) {
  const { family, bars } = LEVELS[level] ?? { family: "pending", bars: 0 };
  return (
    <span class="badge" data-family={family} title={`Risk: ${level}`}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        {[0, 1, 2, 3].map((bar) => (
          <rect key={bar} x={bar * 3} y={8 - bar * 2.5} width="2" height={4 + bar * 2.5} class={bar < bars ? "risk-bar on" : "risk-bar"} />
        ))}
      </svg>
      {level}
    </span>
  );
}

export function RiskPanel({ risk }: { readonly risk: NonNullable<Asked["risk"]> }) {
  return (
    <section class="stack tight" aria-label="Risk">
      <h3 class="row">
        Risk <RiskBadge level={risk.level} /> <span class="soft num">score {risk.score}</span>
      </h3>
      {risk.reasons.length > 0 && (
        <ul>
          {risk.reasons.map(({ reason, score }) => (
            <li key={reason}>
              {reason} {score !== null && <span class="soft num">({score > 0 ? `+${score}` : score})</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
