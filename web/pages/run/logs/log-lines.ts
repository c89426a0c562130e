/** Lines of a log that comes in parts. Memory is bounded: of a log that is longer, the beginning is let go. */
import { type AnsiSpan, type AnsiStyle, PLAIN, parseLine } from "./ansi.ts";

/** More of one line is not shown. */
export const LINE_MAX = 5_000;
export const LINES_MAX = 200_000;
/** So many are let go at once, since moving all others costs. */
const LET_GO = 20_000;
const ESC = "\u001b";

export class LogLines {
  /** Number of the first line that is held, from 0. */
  first = 0;
  readonly #lines: string[] = [];
  /** Style with which a line begins, where it is not plain; by the line's number. */
  readonly #begins = new Map<number, AnsiStyle>();
  #style: AnsiStyle = PLAIN;
  /** The last line, which has not ended. */
  #open = "";

  get count(): number {
    return this.#lines.length + (this.#open === "" ? 0 : 1);
  }

  add(text: string): void {
    const lines = (this.#open + text).split("\n");
    this.#open = lines.pop() ?? "";
    for (const line of lines) this.#end(line);
    if (this.#lines.length > LINES_MAX) this.#letGo();
  }

  /** @param index from the first that is held */
  line(index: number): readonly AnsiSpan[] {
    const isOpen = index === this.#lines.length;
    const text = isOpen ? this.#open : (this.#lines[index] ?? "");
    const begin = isOpen ? this.#style : (this.#begins.get(this.first + index) ?? PLAIN);
    const { spans } = parseLine(text.slice(0, LINE_MAX), begin);
    const more = text.length - LINE_MAX;
    return more <= 0 ? spans : [...spans, { text: ` … and ${more} more letters`, style: { ...PLAIN, isDim: true } }];
  }

  text(): string {
    const lines = Array.from({ length: this.count }, (_, index) => this.line(index));
    return lines.map((spans) => spans.map(({ text }) => text).join("")).join("\n");
  }

  #end(line: string): void {
    if (this.#style !== PLAIN) this.#begins.set(this.first + this.#lines.length, this.#style);
    this.#lines.push(line);
    if (!line.includes(ESC)) return;
    const { after } = parseLine(line.slice(0, LINE_MAX), this.#style);
    this.#style = Object.values(after).some((value) => value !== null && value !== false) ? after : PLAIN;
  }

  #letGo(): void {
    this.#lines.splice(0, LET_GO);
    for (let number = this.first; number < this.first + LET_GO; number++) this.#begins.delete(number);
    this.first += LET_GO;
  }
}
