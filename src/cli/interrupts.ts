/** What people and systems send to end this process. The first Ctrl-C asks, the second insists, and TERM only asks to step aside. */

export interface InterruptHandlers {
  /** First SIGINT. */
  readonly cancel: () => void;
  /** Second SIGINT. */
  readonly force: () => void;
  /** SIGTERM, or the terminal has gone. */
  readonly suspend: () => void;
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
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", suspend);
  process.on("SIGHUP", suspend);
  return {
    get isCanceling() {
      return count > 0;
    },
    [Symbol.dispose]() {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", suspend);
      process.off("SIGHUP", suspend);
    },
  };
}
