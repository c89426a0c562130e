/** Adds tests up. What is kept of them is bounded, however many fail and however much they say. */
import { stripVTControlCharacters } from "node:util";
import { FAILURES_MAX, type FailedTest, type TestCounts } from "../../ports/reports.ts";

const NAME_MAX = 300;
const MESSAGE_MAX = 1_000;

export class Tally {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  #errors = 0;
  readonly #failures: FailedTest[] = [];

  get tests(): number {
    return this.#passed + this.#failed + this.#skipped + this.#errors;
  }

  get hasFailures(): boolean {
    return this.#failed + this.#errors > 0;
  }

  passed(count = 1): void {
    this.#passed += count;
  }

  skipped(count = 1): void {
    this.#skipped += count;
  }

  failed(test: FailedTest): void {
    this.#failed += 1;
    this.#keep(test);
  }

  error(test: FailedTest): void {
    this.#errors += 1;
    this.#keep(test);
  }

  counts(): TestCounts {
    return { passed: this.#passed, failed: this.#failed, skipped: this.#skipped, errors: this.#errors, failures: this.#failures };
  }

  #keep({ name, file, message }: FailedTest): void {
    if (this.#failures.length >= FAILURES_MAX) return;
    this.#failures.push({
      name: cut(name, NAME_MAX),
      file: file === null ? null : cut(file, NAME_MAX),
      message: cut(plain(message), MESSAGE_MAX),
    });
  }
}

export function sumOf(all: readonly TestCounts[]): TestCounts {
  const sum = (count: (counts: TestCounts) => number): number => all.reduce((total, counts) => total + count(counts), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
    errors: sum(({ errors }) => errors),
    failures: all.flatMap(({ failures }) => failures).slice(0, FAILURES_MAX),
  };
}

function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}

/** Tools colour what they say, and a terminal obeys more than colours (S-40). */
function plain(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/(?![\n\t])\p{Cc}/gu, "")
    .trim();
}
