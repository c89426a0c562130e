import type { ScheduleSlot } from "../../../src/contract/schedule-view.ts";

const LOOKS = {
  queued: { family: "pending", sign: "○" },
  started: { family: "succeeded", sign: "✓" },
  skipped: { family: "skipped", sign: "–" },
  missed: { family: "waiting", sign: "◷" },
  failed: { family: "failed", sign: "✗" },
} as const;

export function OutcomeMark({ outcome }: Pick<ScheduleSlot, "outcome">) {
  const { family, sign } = LOOKS[outcome];
  return (
    <span class="badge" data-family={family}>
      <span class="badge-sign" aria-hidden="true">
        {sign}
      </span>
      {outcome}
    </span>
  );
}
