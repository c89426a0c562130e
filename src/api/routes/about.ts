/** What a route says of itself in the document, and what it needs. */
import type { TSchema } from "typebox";
import type { Right } from "../access.ts";
import { refusals } from "../schemas/shared.ts";

interface About<TAnswers extends Readonly<Record<string, TSchema | object>>> {
  /** Names the operation in generated clients. */
  readonly id: string;
  readonly summary: string;
  readonly tag: Tag;
  readonly description?: string;
  readonly answers: TAnswers;
}

/** Headings of the document, in its order. */
export const TAGS = {
  runs: "Runs: started, looked at, steered.",
  workflows: "Workflows that are deployed, and texts that may be.",
  approvals: "What runs ask people.",
  schedules: "What is started by itself, and when.",
  events: "Events from outside that start runs.",
  plant: "Tools, breakers, the cache, money, the process.",
  session: "Sessions of browsers.",
  health: "For whoever watches the process.",
} as const;
export type Tag = keyof typeof TAGS;

/** Parts of a route's schema; what it takes is added to it. */
export function about<const TAnswers extends Readonly<Record<string, TSchema | object>>>({
  id,
  summary,
  tag,
  description,
  answers,
}: About<TAnswers>) {
  return {
    operationId: id,
    summary,
    tags: [tag],
    ...(description !== undefined && { description }),
    response: { ...answers, ...refusals },
  };
}

export function needs(right: Right): { readonly right: Right } {
  return { right };
}
