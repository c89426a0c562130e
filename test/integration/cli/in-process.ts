/** Runs commands inside the test process: as fast as a function call, with everything they write caught. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach } from "vitest";
import type { Context } from "../../../src/cli/context.ts";
import { runProgram } from "../../../src/cli/program.ts";
import { createLook } from "../../../src/cli/render/look.ts";
import type { Terminal } from "../../../src/cli/terminal.ts";

export interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Folder extends Disposable {
  readonly path: string;
  run(
    words: readonly string[],
    given?: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>>; readonly columns?: number },
  ): Promise<Answer>;
}

/** No terminal: two pipes, caught as they are written. */
export function createPipes({ stdin = "", columns = 100 } = {}): {
  readonly terminal: Terminal;
  readonly written: { out: string; err: string };
} {
  const written = { out: "", err: "" };
  const look = createLook({ columns, hasColour: false });
  const toErr = (text: string): void => {
    written.err += text;
  };
  const terminal: Terminal = {
    data(text) {
      written.out += text;
    },
    note: toErr,
    draw: toErr,
    stdin: Readable.from([stdin]) as unknown as NodeJS.ReadStream, // Commands only read it.
    dataLook: look,
    noteLook: look,
    isLive: false,
    rows: 24,
    isDataLive: false,
    dataRows: 24,
    isDataClosed: false,
    onResize: () => ({ [Symbol.dispose]: () => {} }),
    isInteractive: false,
    flush: () => Promise.resolve(),
  };
  return { terminal, written };
}

/** An empty working directory with a state directory of its own. */
export function createFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "troupe-cli-"));
  return {
    path,
    async run(words, { stdin, env = {}, columns } = {}) {
      const { terminal, written } = createPipes({ ...(stdin !== undefined && { stdin }), ...(columns !== undefined && { columns }) });
      const context: Context = { terminal, env: { HOME: path, ...env }, cwd: path, version: "0.0.0", texts: new Map(), process };
      const code = await runProgram(words, context);
      return { code, ...written };
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

export interface FolderOfTest extends Pick<Folder, "path" | "run"> {
  /** Writes a workflow; returns its path. */
  workflow(text: string): string;
}

/** A new folder for each test of a file. At its end the file `go` lets every command end that waits for it. */
export function useFolder(): FolderOfTest {
  let folder: Folder;
  beforeEach(() => {
    folder = createFolder();
  });
  afterEach(() => {
    writeFileSync(join(folder.path, "go"), "");
    folder[Symbol.dispose]();
  });
  return {
    get path() {
      return folder.path;
    },
    run: (words, given) => folder.run(words, given),
    workflow(text) {
      const file = join(folder.path, "x.troupe.yaml");
      writeFileSync(file, text);
      return file;
    },
  };
}
