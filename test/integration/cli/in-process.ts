/** Runs commands inside the test process: as fast as a function call, with everything they write caught. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Context } from "../../../src/cli/context.ts";
import { runProgram } from "../../../src/cli/program.ts";
import { createLook } from "../../../src/cli/render/look.ts";

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

/** An empty working directory with a state directory of its own. */
export function createFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "troupe-cli-"));
  return {
    path,
    async run(words, { stdin = "", env = {}, columns = 100 } = {}) {
      let out = "";
      let err = "";
      const look = createLook({ columns, hasColour: false });
      const context: Context = {
        terminal: {
          data(text) {
            out += text;
          },
          note(text) {
            err += text;
          },
          draw(text) {
            err += text;
          },
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
        },
        env: { HOME: path, ...env },
        cwd: path,
        version: "0.0.0",
        texts: new Map(),
        process,
      };
      return { code: await runProgram(words, context), out, err };
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
