/** Lets attempts run inside what observers put around them. */
import type { AttemptRunner } from "../ports/attempt-runner.ts";
import type { Observer } from "../ports/observer.ts";

export function encloseAttempts(runner: AttemptRunner, observers: readonly Observer[]): AttemptRunner {
  const around = observers.filter(({ enclose }) => enclose !== undefined);
  if (around.length === 0) return runner;
  return {
    ...runner,
    run(request, scope, signal, progress) {
      const work = () => runner.run(request, scope, signal, progress);
      return around.reduce((inner, observer) => () => observer.enclose?.(request, inner) ?? inner(), work)();
    },
  };
}
