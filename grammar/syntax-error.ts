/** Errors in source text, with the place as details; `parse.ts` adds the file. */
import type { ErrorCode } from "../src/core/errors.ts";
import { DefinitionError } from "../src/core/errors.ts";
import type { Position } from "./ast.ts";

/** Stands for the file where a caller named none. */
const FILE_UNKNOWN = "expression";

/** A token, or as much of it as an error needs. */
export interface Mark {
  readonly offset: number;
  readonly line: number;
  readonly col: number;
  readonly text: string;
}

export function positionOf(mark: Mark): Position {
  return { offset: mark.offset, line: mark.line, column: mark.col };
}

export function syntaxError(mark: Mark, problem: string, fix?: string): DefinitionError {
  return syntaxErrorAt(positionOf(mark), mark.text.length, problem, fix);
}

export function syntaxErrorAt(at: Position, length: number, problem: string, fix?: string): DefinitionError {
  return placedError("DEF_EXPRESSION", at, length, { problem }, fix);
}

/** An error of any code at a position; its details carry offset, line and column beside `details`. */
export function placedError(
  code: ErrorCode,
  at: Position,
  length: number,
  details: Readonly<Record<string, string | number>>,
  fix?: string,
): DefinitionError {
  const place = { file: FILE_UNKNOWN, line: at.line, column: at.column, length };
  return new DefinitionError(
    code,
    { ...details, offset: at.offset, line: at.line, column: at.column },
    { place, ...(fix !== undefined && { fix }) },
  );
}
