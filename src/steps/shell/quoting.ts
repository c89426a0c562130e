/**
 * Follows a shell script as the shell reads it, to tell in which quotes a `{{ … }}` stands (S-8).
 *
 * Q1 A value is only ever reached through a variable, so it is data wherever it is merely expanded.
 * Q2 What is refused are the places where expanding is not enough (the text stays literal) or too much (the expanded value is read
 *    as code again: arithmetic, subscripts, `eval`, a nested shell).
 * Q3 Were the scanner ever wrong about the quotes, the value would be split into words or stay unexpanded; it would not become code.
 */
import { type Placement, refused, refusedPlace } from "./placement.ts";
import { ShellCommand, VALUE } from "./shell-command.ts";
import { type ArithmeticFrame, type CommandFrame, type Frame, type HeredocFrame, newCommand, parseHeredoc } from "./shell-frame.ts";

export type { Placement } from "./placement.ts";

export class QuotingScanner {
  /** What only showed behind a value. Complete after `finish`. */
  readonly lateProblems: string[] = [];
  readonly #stack: Frame[] = [newCommand(null)];
  #text = "";
  #at = 0;
  /** Where a redirection's `<` or `>` ended; -1 when the text before has none. */
  #redirectedAt = -1;
  /** The character before a value would take its meaning away. */
  #pending: "\\" | "$" | null = null;

  /** Reads script text up to the next value. */
  read(text: string): void {
    this.#text = text;
    this.#at = 0;
    this.#redirectedAt = -1;
    while (this.#at < text.length) {
      this.#pending = null;
      this.#step(this.#top, text[this.#at] as string); // within the text
    }
  }

  /** Where the next value stands. */
  place(): Placement {
    const placement = this.#placement(this.#top);
    this.#noteValue(this.#top);
    this.#pending = null;
    return placement;
  }

  /** Ends the script. */
  finish(): void {
    for (const frame of this.#stack) if (frame.kind === "command") this.#endCommand(frame, null);
  }

  /** Whether all quotes and brackets were closed. */
  get isBalanced(): boolean {
    const { kind } = this.#top;
    return this.#stack.length === 1 || (this.#stack.length === 2 && (kind === "comment" || kind === "heredoc"));
  }

  get #top(): Frame {
    return this.#stack.at(-1) as Frame; // the first frame is never taken off
  }

  #placement(frame: Frame): Placement {
    const place = refusedPlace(frame, this.#pending);
    if (place !== null) return place;
    if (frame.kind === "heredoc" || frame.kind === "comment") return { kind: "bare" };
    const problem = this.#commandFrame()?.command.refuses() ?? null;
    if (problem !== null) return refused(problem);
    return { kind: frame.kind === "command" ? "quoted" : "bare" };
  }

  #noteValue(frame: Frame): void {
    if (frame.kind === "heredoc") frame.line += VALUE;
    const command = frame.kind === "comment" ? undefined : this.#commandFrame()?.command;
    if (command === undefined) return;
    command.add(VALUE);
    command.pipeline.carriesValue = true;
  }

  /** The command whose word is being read: the top frame, or the one around its quotes. */
  #commandFrame(): CommandFrame | null {
    for (let i = this.#stack.length - 1; i >= 0; i--) {
      const frame = this.#stack[i] as Frame; // i is within the stack
      if (frame.kind === "command") return frame;
      if (frame.kind === "heredoc") return null;
    }
    return null;
  }

  #step(frame: Frame, char: string): void {
    switch (frame.kind) {
      case "single":
        this.#literal(char, "'", false);
        break;
      case "ansi":
        this.#literal(char, "'", true);
        break;
      case "backtick":
        this.#literal(char, "`", true);
        break;
      case "comment":
        // The newline itself is the command's.
        if (char === "\n") this.#stack.pop();
        else this.#at++;
        break;
      case "double":
        if (char === '"') this.#leave();
        else if (!this.#expansion(char)) this.#addToWord(char);
        break;
      case "brace":
        if (char === "}") this.#leave();
        else if (!this.#quotes(char) && !this.#expansion(char)) this.#at++;
        break;
      case "arithmetic":
        this.#arithmetic(frame, char);
        break;
      case "heredoc":
        this.#heredoc(frame, char);
        break;
      case "command":
        this.#command(frame, char);
        break;
    }
  }

  /** A backslash and what it escapes. */
  #escape(): void {
    if (this.#at + 1 >= this.#text.length) this.#pending = "\\";
    this.#at += 2;
  }

  #leave(): void {
    this.#stack.pop();
    this.#at++;
  }

  #enter(frame: Frame, length: number): void {
    this.#stack.push(frame);
    this.#at += length;
  }

  #literal(char: string, closer: string, hasEscapes: boolean): void {
    if (char === closer) this.#leave();
    else if (hasEscapes && char === "\\") this.#escape();
    else this.#addToWord(char);
  }

  #addToWord(char: string): void {
    this.#commandFrame()?.command.add(char);
    this.#at++;
  }

  #ahead(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  /** Backslash, `$…` and backticks, which mean the same in and out of double quotes. */
  #expansion(char: string): boolean {
    if (char === "\\") this.#escape();
    else if (char === "`") this.#enter({ kind: "backtick" }, 1);
    else if (char !== "$") return false;
    else if (this.#ahead("$((")) this.#enter({ kind: "arithmetic", depth: 2 }, 3);
    else if (this.#ahead("$[")) this.#enter({ kind: "arithmetic", depth: 1 }, 2);
    else if (this.#ahead("$(")) this.#enter(newCommand(")"), 2);
    else if (this.#ahead("$" + "{")) this.#enter({ kind: "brace" }, 2);
    else {
      this.#addToWord(char);
      if (this.#at >= this.#text.length) this.#pending = "$";
    }
    return true;
  }

  #quotes(char: string): boolean {
    if (this.#ahead("$'")) this.#enter({ kind: "ansi" }, 2);
    else if (this.#ahead('$"')) this.#enter({ kind: "double" }, 2);
    else if (char === "'") this.#enter({ kind: "single" }, 1);
    else if (char === '"') this.#enter({ kind: "double" }, 1);
    else return false;
    return true;
  }

  #arithmetic(frame: ArithmeticFrame, char: string): void {
    if (char === "(" || char === "[") frame.depth++;
    else if (char === ")" || char === "]") frame.depth--;
    else if (this.#expansion(char)) return;
    if (frame.depth === 0) this.#leave();
    else this.#at++;
  }

  #heredoc(frame: HeredocFrame, char: string): void {
    if (char === "\n") this.#endHeredocLine(frame);
    else if (!frame.heredoc.isQuoted && this.#expansion(char))
      frame.line += VALUE; // not the delimiter
    else {
      frame.line += char;
      this.#at++;
    }
  }

  #endHeredocLine(frame: HeredocFrame): void {
    const { stripsTabs, delimiter } = frame.heredoc;
    const line = stripsTabs ? frame.line.replace(/^\t+/, "") : frame.line;
    frame.line = "";
    this.#at++;
    if (line !== delimiter) return;
    this.#stack.pop();
    if (this.#top.kind === "command") this.#startHeredoc(this.#top);
  }

  #startHeredoc(frame: CommandFrame): void {
    const next = frame.heredocs.shift();
    if (next !== undefined) this.#stack.push({ kind: "heredoc", heredoc: next, line: "" });
  }

  #command(frame: CommandFrame, char: string): void {
    const { command } = frame;
    const isWordStart = !command.isInWord;
    if (this.#quotes(char)) command.add("");
    else if (this.#ahead("((") && isWordStart) this.#enter({ kind: "arithmetic", depth: 2 }, 2);
    else if (char === "#" && isWordStart) this.#enter({ kind: "comment" }, 1);
    else if (this.#ahead("<<<")) this.#readHereString(frame);
    else if (this.#ahead("<<")) this.#readHeredocStart(frame);
    else if (char === "(" || this.#ahead("<(") || this.#ahead(">(")) this.#enter(newCommand(")"), char === "(" ? 1 : 2);
    else if (" \t<>".includes(char)) this.#endWord(frame, this.#ahead(">|") ? 2 : 1);
    else if (char === ")") this.#closeParen(frame);
    else if ("|&;\n".includes(char)) this.#separator(frame, char);
    else if (this.#ahead("\\\n")) this.#at += 2;
    else this.#wordPart(command, char);
  }

  #wordPart(command: ShellCommand, char: string): void {
    if (char === "\\") command.add(this.#text[this.#at + 1] ?? "");
    if (this.#expansion(char)) command.add("");
    else this.#addToWord(char);
  }

  #endWord(frame: CommandFrame, skip: number): void {
    const isRedirection = skip === 1 && "<>".includes(this.#text[this.#at] ?? " ");
    this.#at += skip;
    if (isRedirection) this.#redirectedAt = this.#at;
    const word = frame.command.endWord();
    this.#report(frame.command.wordProblem());
    if (word === "case") frame.caseDepth++;
    else if (word === "esac") frame.caseDepth = Math.max(0, frame.caseDepth - 1);
  }

  /** Begins the next command: of the same pipeline, or with null of a new one. */
  #endCommand(frame: CommandFrame, next: ShellCommand | null): void {
    this.#endWord(frame, 0);
    this.#report(frame.command.endProblem());
    frame.command = next ?? new ShellCommand();
  }

  #report(problem: string | null): void {
    if (problem !== null) this.lateProblems.push(problem);
  }

  #closeParen(frame: CommandFrame): void {
    const { carriesValue } = frame.command.pipeline;
    this.#endCommand(frame, null);
    // Within `case`, it ends a pattern.
    if (frame.caseDepth > 0 || frame.closer === null) {
      this.#at++;
      return;
    }
    this.#leave();
    const outer = this.#commandFrame();
    if (outer !== null && carriesValue) outer.command.pipeline.carriesValue = true;
  }

  #separator(frame: CommandFrame, char: string): void {
    // `2>&1` and `&>` are redirections, not ends.
    const isDuplicate = this.#redirectedAt === this.#at;
    if (char === "&" && (isDuplicate || this.#ahead("&>"))) {
      if (isDuplicate) frame.command.beginDuplicate();
      this.#at++;
      return;
    }
    const isPipe = char === "|" && !this.#ahead("||");
    this.#endCommand(frame, isPipe ? new ShellCommand(frame.command.pipeline) : null);
    this.#at += ["||", "&&", ";;", "|&"].some((two) => this.#ahead(two)) ? 2 : 1;
    if (char === "\n") this.#startHeredoc(frame);
  }

  #readHereString(frame: CommandFrame): void {
    this.#endWord(frame, 3);
    frame.command.beginHereString();
  }

  #readHeredocStart(frame: CommandFrame): void {
    const { command } = frame;
    const parsed = parseHeredoc(this.#text.slice(this.#at), command);
    this.#endWord(frame, parsed?.length ?? 2);
    // Without a delimiter that is known nothing after it can be trusted, so it counts as quoted to the end.
    const unknown = { delimiter: VALUE, isQuoted: true, stripsTabs: false, feedsCode: command.readsCode, pipeline: command.pipeline };
    frame.heredocs.push(parsed?.heredoc ?? unknown);
  }
}
