import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { createTerminal, type Terminal } from "../terminal.ts";
import { type Key, openFullScreen } from "./full-screen.ts";

interface Fake {
  readonly terminal: Terminal;
  readonly process: EventEmitter;
  readonly keyboard: PassThrough;
  readonly rawModes: boolean[];
  readonly stdout: PassThrough;
  written(): string;
}

/** A terminal of pipes that says it is one. */
function fakeTerminal(): Fake {
  const rawModes: boolean[] = [];
  const keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (mode: boolean) => rawModes.push(mode) });
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  const stderr = new PassThrough();
  const given = { stdin: keyboard, stdout, stderr, env: { TERM: "xterm" } };
  const terminal = createTerminal(given as unknown as NodeJS.Process); // All that is asked of one.
  return { terminal, process: new EventEmitter(), keyboard, rawModes, stdout, written: () => String(stdout.read() ?? "") };
}

const open = (fake: Fake, pressed: (key: Key) => void = () => {}, resized: () => void = () => {}) =>
  openFullScreen(fake.terminal, fake.process as unknown as NodeJS.Process, { pressed, resized }); // As above.

test("the terminal is taken, and given back as it was", () => {
  const fake = fakeTerminal();
  {
    using _screen = open(fake);
    expect(fake.written()).toBe("\u001b[?1049h\u001b[?25l");
    expect(fake.rawModes).toEqual([true]);
  }
  expect(fake.written()).toBe("\u001b[?25h\u001b[?1049l");
  expect(fake.rawModes).toEqual([true, false]);
  expect(fake.process.listenerCount("exit")).toBe(0);
});

test("a process that ends in the middle gives it back too", () => {
  const fake = fakeTerminal();
  using _screen = open(fake);
  fake.written();
  fake.process.emit("exit");
  expect(fake.written()).toBe("\u001b[?25h\u001b[?1049l");
});

describe("pictures do not flicker", () => {
  test("each is one write over the last one, without clearing it, and an equal one none", () => {
    const fake = fakeTerminal();
    using screen = open(fake);
    screen.show(["a", "b"]);
    fake.written();
    screen.show(["a", "c"]);
    expect(fake.written()).toBe("\u001b[?2026h\u001b[Ha\u001b[K\r\nc\u001b[K\u001b[J\u001b[?2026l");
    screen.show(["a", "c"]);
    expect(fake.written()).toBe("");
  });

  test("only a terminal that changed its size is cleared first", () => {
    const fake = fakeTerminal();
    let resizes = 0;
    using screen = open(fake, undefined, () => {
      resizes += 1;
    });
    screen.show(["a"]);
    fake.written();
    fake.stdout.emit("resize");
    screen.show(["a"]);
    expect([resizes, fake.written()]).toEqual([1, expect.stringContaining("\u001b[2J\u001b[Ha")]);
  });
});

test("keys are known in every spelling, and others are ignored", async () => {
  const fake = fakeTerminal();
  const keys: Key[] = [];
  using _screen = open(fake, (key) => keys.push(key));
  fake.keyboard.write("\u001b[Ax\u001b[B\u001bOA\u001bOBjkgGq\u001b[15~\u0003");
  await new Promise((resolve) => setImmediate(resolve));
  expect(keys).toEqual(["up", "down", "up", "down", "down", "up", "first", "last", "quit", "quit"]);
});
