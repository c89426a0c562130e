/** Values as a process can take them. */
import type { TaskFailure } from "../../core/failure.ts";
import type { Json } from "../../core/json.ts";

/** Text of a value for a variable, an argument or the standard input. @throws a failure when no process can take it. */
export function toArgument(value: Json, name: string): string {
  const text = typeof value === "string" ? value : value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  if (name !== "stdin" && text.includes("\0"))
    refuse("VALUE_NUL", `The value of ${name} holds a NUL character, which no process can be given.`, "Pass it through `stdin`.");
  return text;
}

/** Ends the attempt before anything was started. The runtime makes a failure of it. */
export function refuse(code: string, message: string, hint: string): never {
  const failureClass: TaskFailure["class"] = "validation";
  throw Object.assign(new Error(message), { code, class: failureClass, hint });
}
