/** Keeps a file with the metrics for node_exporter's textfile collector: always whole, renewed every few seconds and at the end. */
import { rename, rm, writeFile } from "node:fs/promises";
import { RequestError, toError } from "../../src/core/errors.ts";

const EVERY_MS = 5_000;

export interface MetricsFileOptions {
  /** Absolute path. */
  readonly file: string;
  readonly text: () => Promise<string>;
  readonly warn: (message: string) => void;
}

/** Disposing of it writes once more. @throws RequestError FILE_UNWRITABLE when the first writing fails */
export async function openMetricsFile({ file, text, warn }: MetricsFileOptions): Promise<AsyncDisposable> {
  const next = `${file}.${process.pid}.tmp`;
  let writing: Promise<void> = Promise.resolve();
  let hasWarned = false;

  async function write(): Promise<void> {
    try {
      await writeFile(next, await text());
      await rename(next, file);
    } catch (thrown) {
      await rm(next, { force: true }).catch(() => {});
      throw thrown;
    }
  }

  /** One after the other; a failure is told once and harms nobody (I-38). */
  function writeAgain(): Promise<void> {
    writing = writing.then(write).catch((thrown: unknown) => {
      if (hasWarned) return;
      hasWarned = true;
      warn(`The metrics could not be written to ${file}: ${toError(thrown).message}`);
    });
    return writing;
  }

  try {
    await write();
  } catch (thrown) {
    throw unwritable(file, toError(thrown));
  }
  const timer = setInterval(() => void writeAgain(), EVERY_MS);
  timer.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await writeAgain();
    },
  };
}

function unwritable(file: string, cause: Error): RequestError {
  return new RequestError("FILE_UNWRITABLE", { file, problem: cause.message }, { cause });
}
