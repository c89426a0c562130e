/** What people and systems send to end this process. The first Ctrl-C asks, the second insists, and TERM only asks to step aside. */

export interface InterruptHandlers {
  /** First SIGINT. */
  readonly cancel: () => void;
  /** Second SIGINT. */
  readonly force: () => void;
  /** SIGTERM, or the terminal has gone; `isAgain` when that was said before. */
  readonly suspend: (isAgain: boolean) => void;
}

export interface Interrupts extends Disposable {
  readonly isCanceling: boolean;
}

export function onInterrupts(process: Pick<NodeJS.Process, "on" | "off">, { cancel, force, suspend }: InterruptHandlers): Interrupts {
  let count = 0;
  const onInterrupt = (): void => {
    count += 1;
    if (count === 1) cancel();
    else if (count === 2) force();
  };
  let isSuspending = false;
  const onEnd = (): void => {
    const isAgain = isSuspending;
    isSuspending = true;
    suspend(isAgain);
  };
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onEnd);
  process.on("SIGHUP", onEnd);
  return {
    get isCanceling() {
      return count > 0;
    },
    [Symbol.dispose]() {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onEnd);
      process.off("SIGHUP", onEnd);
    },
  };
}
