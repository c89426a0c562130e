/** Tells a person (or with `-o json` a program) what went wrong, and picks the exit code. */
import { readFileSync } from "node:fs";
import { type DefinitionErrors, isTroupeError, type TroupeError, toError } from "../core/errors.ts";
import type { Place } from "../core/place.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { type Problem, renderProblem } from "./render/problem.ts";

export function reportError(
  thrown: unknown,
  { terminal, env, texts }: Pick<Context, "terminal" | "env" | "texts">,
  output: string | undefined,
): number {
  const error = toError(thrown);
  const isDebugging = env.TROUPE_DEBUG === "1";
  const isMachine = output === "json" || output === "jsonl";
  const errors = listOf(error);
  if (isMachine)
    terminal.note(`${JSON.stringify({ error: serialised(error), ...(errors.length > 1 && { errors: errors.map(serialised) }) })}\n`);
  else for (const one of errors) terminal.note(`${renderProblem(toProblem(one, texts), terminal.noteLook).join("\n")}\n`);
  if (!isMachine && errors.length > 1) terminal.note(`${errors.length} problems\n`);
  if (isDebugging) terminal.note(`${error.stack ?? error.message}\n`);
  return isTroupeError(error) ? error.exitCode : EXIT.bug;
}

/** `DefinitionErrors` from another copy of the class counts too, so it is known by its list. */
function listOf(error: Error): readonly Error[] {
  return isTroupeError(error) && error.code === "DEF_INVALID" && "errors" in error
    ? (error as unknown as DefinitionErrors).errors
    : [error];
}

function toProblem(error: Error, texts: Context["texts"]): Problem {
  if (!isTroupeError(error)) {
    return {
      severity: "error",
      code: "BUG",
      message: error.message,
      fix: "This is a bug in Troupe: please report it. TROUPE_DEBUG=1 shows where it happened.",
    };
  }
  const { code, message, place, fix } = error;
  const cause = causeOf(error);
  return {
    severity: "error",
    code,
    message,
    ...(place !== undefined && placed(place, texts)),
    ...(fix !== undefined && { fix }),
    ...(cause !== null && { cause }),
  };
}

function placed(place: Place, texts: Context["texts"]): Pick<Problem, "place" | "source"> {
  const given = texts.get(place.file);
  return given === undefined ? { place, source: readSource(place.file) } : { place: { ...place, file: given.name }, source: given.text };
}

/** What lies below, unless the message has said it already. */
function causeOf({ cause, message }: TroupeError): string | null {
  if (!(cause instanceof Error) || cause.message === "" || message.includes(cause.message)) return null;
  return isTroupeError(cause) || "code" in cause ? cause.message : null;
}

/** The text that a place points into; a frame is left out where it cannot be read any more. */
export function readSource(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function serialised(error: Error): object {
  return isTroupeError(error) ? error.toJSON() : { code: "BUG", message: error.message };
}
