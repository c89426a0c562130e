/** What starts runs of a workflow by itself. Only deployed workflows are started so: a file on a disk is nobody's promise. */
import type { Expression } from "../../grammar/ast.ts";
import type { Place } from "../core/place.ts";
import type { Field } from "./field.ts";

/** What happens when a slot comes while the run of an earlier one has not ended. */
export const OVERLAPS = ["skip", "queue", "allow", "replace"] as const;
export type Overlap = (typeof OVERLAPS)[number];
/** The run of before may be half done; a second one beside it is what the author must ask for. */
export const OVERLAP_DEFAULT: Overlap = "skip";

/** Which of the slots that nobody was there for are started afterwards. */
export const CATCHUPS = ["none", "last", "all"] as const;
export type Catchup = (typeof CATCHUPS)[number];
/** A nightly job whose machine was down at night is late, not unwanted; ten of them at once are. */
export const CATCHUP_DEFAULT: Catchup = "last";

export const TIMEZONE_DEFAULT = "UTC";

export interface ScheduleTrigger {
  /** As its author named it, else its number in the list, from 1. */
  readonly name: string;
  /** Five fields, or a nickname such as `@daily`. */
  readonly cron: string;
  /** IANA name. */
  readonly timezone: string;
  readonly overlap: Overlap;
  readonly catchup: Catchup;
  /** May read `schedule.at` and `schedule.id`; null for a run without input. */
  readonly input: Field | null;
}

export interface EventTrigger {
  /** Its number in the list, from 1. */
  readonly number: number;
  /** Of the event. */
  readonly event: string;
  /** May read `event`; null for every event of that name. */
  readonly when: { readonly expression: Expression; readonly source: string; readonly place: Place } | null;
  readonly input: Field | null;
}

export interface Triggers {
  readonly schedules: readonly ScheduleTrigger[];
  readonly events: readonly EventTrigger[];
}

export const NO_TRIGGERS: Triggers = { schedules: [], events: [] };

/** What an input of a schedule may read below `schedule`. */
export const SCHEDULE_FACTS = ["id", "at"] as const;
/** What a filter or an input of an event trigger may read below `event`. */
export const EVENT_FACTS = ["name", "id", "body", "headers"] as const;

/** `<workflow>/<name>`: how people and the API name it. */
export function scheduleId(workflow: string, schedule: string): string {
  return `${workflow}/${schedule}`;
}
