/** Ends the attempt before anything was sent. The runtime makes a failure of it. */
import type { FailureClass } from "../../core/failure.ts";

export function refuse(code: string, message: string, hint: string, failureClass: FailureClass = "validation"): never {
  throw Object.assign(new Error(message), { code, class: failureClass, hint });
}
