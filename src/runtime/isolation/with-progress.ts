import type { AttemptContext } from "../../ports/attempt.ts";

/** The same context, with something else done about reports of progress. */
export function withProgress(context: AttemptContext, progress: AttemptContext["progress"]): AttemptContext {
  return {
    request: context.request,
    signal: context.signal,
    isReattached: context.isReattached,
    masks: context.masks,
    confinement: context.confinement,
    programs: context.programs,
    mustEnd: context.mustEnd,
    // Rendered when it is asked for, as in the one given.
    get env() {
      return context.env;
    },
    value: (field) => context.value(field),
    evaluate: (field) => context.evaluate(field),
    explain: (condition) => context.explain(condition),
    within: (changes) => withProgress(context.within(changes), progress),
    progress,
  };
}
