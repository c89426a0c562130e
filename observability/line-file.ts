/**
 * Appends lines to a file in the background, for logs that may lose lines but never hold anybody up. Not pino's own destination: on a
 * full disk that one waits at the process's end, for ever (sonic-boom 4.2 repeats a synchronous write that fails with ENOSPC).
 */
import { closeSync, openSync, write } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface LineFile extends AsyncDisposable {
  write(line: string): void;
  /** Lines that were not written. */
  readonly lost: number;
}

/** More than this is not held for a disk that does not take it. */
const HELD_CHARS_MAX = 4 * 1024 * 1024;
const CLOSE_MAX_MS = 2_000;

/** @throws the system's error when the file cannot be opened */
export function openLineFile(path: string, failed: (problem: string) => void): LineFile {
  const file = openSync(path, "a", 0o600);
  let waiting: string[] = [];
  let waitingChars = 0;
  let writing: Promise<void> | null = null;
  let lost = 0;

  const take = (): string => {
    const text = waiting.join("");
    waiting = [];
    waitingChars = 0;
    return text;
  };
  const drop = (text: string, problem: string): void => {
    lost += text.split("\n").length - 1;
    failed(problem);
  };
  const writeOn = (): void => {
    if (writing !== null || waiting.length === 0) return;
    const text = take();
    writing = new Promise((resolve) => {
      writeAll(file, Buffer.from(text), (error) => {
        if (error !== null) drop(text, error.message);
        writing = null;
        writeOn();
        resolve();
      });
    });
  };

  return {
    get lost() {
      return lost;
    },
    write(line) {
      if (waitingChars + line.length > HELD_CHARS_MAX) return drop(line, "it takes lines more slowly than they come");
      waiting.push(line);
      waitingChars += line.length;
      // Lines of one turn go out together.
      if (waiting.length === 1) setImmediate(writeOn);
    },
    async [Symbol.asyncDispose]() {
      writeOn();
      const patience = sleep(CLOSE_MAX_MS, "late", { ref: false });
      while (writing !== null) if ((await Promise.race([writing, patience])) === "late") return failed("it does not take its last lines");
      closeSync(file);
    },
  };
}

function writeAll(file: number, bytes: Buffer, done: (error: Error | null) => void): void {
  write(file, bytes, 0, bytes.length, null, (error, written) => {
    if (error !== null || written === bytes.length) done(error);
    else writeAll(file, bytes.subarray(written), done);
  });
}
