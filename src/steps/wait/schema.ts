/** The fields of a wait step. */
import type { StepTypeDeclaration } from "../../plan/step-type.ts";
import { checkWait } from "./check.ts";

export const waitDeclaration: StepTypeDeclaration = {
  type: "wait",
  summary: "Waits for a time or for an event from outside, and holds no place meanwhile.",
  properties: {
    for: { type: ["string", "number"], description: "How long: `30s`, `2h`, `7d`; a number is in seconds." },
    until: {
      type: "string",
      minLength: 1,
      description: "Until when, as ISO 8601 with a time zone: `2027-01-31T08:00:00Z`. A date means midnight UTC.",
    },
    event: { type: "string", minLength: 1, description: "Name of the event that ends it; `troupe event` sends one." },
    match: { type: "object", description: "What the event's data must hold." },
  },
  required: [],
  fields: { for: "text", until: "text", event: "text", match: "text" },
  inferredBy: null,
  check: checkWait,
};
