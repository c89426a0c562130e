import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { type HeldInterrupts, holdInterrupts, type InterruptHandlers } from "./interrupts.ts";

function held(): { interrupts: HeldInterrupts; send: (...signals: readonly string[]) => void; heard: string[]; process: EventEmitter } {
  const process = new EventEmitter();
  const heard: string[] = [];
  const interrupts = holdInterrupts(process as unknown as NodeJS.Process, () => void heard.push("leave")); // It only listens.
  const send = (...signals: readonly string[]): void => {
    for (const signal of signals) process.emit(signal);
  };
  return { interrupts, send, heard, process };
}

function handlers(heard: string[]): InterruptHandlers {
  return {
    cancel: () => void heard.push("cancel"),
    force: () => void heard.push("force"),
    suspend: (isAgain) => void heard.push(isAgain ? "suspend again" : "suspend"),
  };
}

describe("interrupts of a command that drives", () => {
  test("before anybody answers mean to leave, with the code of the first", () => {
    const { interrupts, send, heard } = held();
    expect(interrupts.exitCode).toBeNull();
    send("SIGTERM", "SIGINT");
    expect([heard, interrupts.exitCode]).toEqual([["leave", "leave"], 143]);
  });

  test("go to whoever answers, and what came before is told to it", () => {
    const quiet = held();
    using _quiet = quiet.interrupts.answer(handlers(quiet.heard));
    quiet.send("SIGINT", "SIGINT", "SIGTERM", "SIGHUP");
    expect([quiet.heard, quiet.interrupts.exitCode]).toEqual([["cancel", "force", "suspend", "suspend again"], null]);
    const late = held();
    late.send("SIGINT");
    using _late = late.interrupts.answer(handlers(late.heard));
    expect([late.heard, late.interrupts.exitCode, late.interrupts.isCanceling]).toEqual([["leave", "suspend again"], 130, true]);
  });

  test("mean to leave again while the engine lets go of its store, and nothing afterwards", () => {
    const { interrupts, send, heard, process } = held();
    interrupts.answer(handlers(heard))[Symbol.dispose]();
    send("SIGHUP");
    expect([heard, interrupts.exitCode]).toEqual([["leave"], 143]);
    interrupts[Symbol.dispose]();
    expect(process.eventNames()).toEqual([]);
  });
});
