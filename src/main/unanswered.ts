/**
 * What was put to the engine of this process and has no answer yet. An engine answers when the journal has it; one that dies, or gives
 * up on a store that another process holds, never does. Then whoever asked is told so: what became of it, the next engine knows.
 */
export class Unanswered {
  readonly #rejects = new Set<(error: Error) => void>();

  /** The answer, or the error of the end if that comes first. */
  until<TAnswer>(answer: Promise<TAnswer>): Promise<TAnswer> {
    return new Promise((resolve, reject) => {
      this.#rejects.add(reject);
      answer.then(resolve, reject).finally(() => this.#rejects.delete(reject));
    });
  }

  end(error: Error): void {
    for (const reject of this.#rejects) reject(error);
    this.#rejects.clear();
  }
}
