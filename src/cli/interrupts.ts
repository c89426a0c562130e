/** What people and systems send to end this process. The first Ctrl-C asks, the second insists, and TERM only asks to step aside. */
import { EXIT } from "./exit-code.ts";

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

/** Interrupts of a command that drives runs, from before its engine owns the store until it has let go of it. */
export interface HeldInterrupts extends Interrupts {
  /** How the command ends, if somebody wanted its end while nobody answered. */
  readonly exitCode: number | null;
  /** Lets somebody answer until the result is disposed. What came before is told as a second wish to step aside: the first is under way. */
  answer(handlers: InterruptHandlers): Disposable;
}

/**
 * While nobody answers, every interrupt means `leave`. Without a listener the first moments of an engine, and its last, would end in
 * what the next one must take for a crash (I-20).
 */
export function holdInterrupts(process: Pick<NodeJS.Process, "on" | "off">, leave: () => void): HeldInterrupts {
  let exitCode: number | null = null;
  const leaveWith = (code: number): void => {
    exitCode ??= code;
    leave();
  };
  const unanswered: InterruptHandlers = {
    cancel: () => leaveWith(EXIT.interrupted),
    force: () => leaveWith(EXIT.interrupted),
    suspend: () => leaveWith(EXIT.terminated),
  };
  let answering = unanswered;
  const interrupts = onInterrupts(process, {
    cancel: () => answering.cancel(),
    force: () => answering.force(),
    suspend: (isAgain) => answering.suspend(isAgain),
  });
  return {
    get isCanceling() {
      return interrupts.isCanceling;
    },
    get exitCode() {
      return exitCode;
    },
    answer(handlers) {
      answering = handlers;
      if (exitCode !== null) handlers.suspend(true);
      return {
        [Symbol.dispose]() {
          answering = unanswered;
        },
      };
    },
    [Symbol.dispose]: () => interrupts[Symbol.dispose](),
  };
}
