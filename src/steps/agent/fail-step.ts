/** Ends the attempt before anything was started. The runtime makes a failure of it. */
import type { FailureClass } from "../../core/failure.ts";

export function failStep(code: string, message: string, hint: string, failureClass: FailureClass = "permanent"): never {
  throw Object.assign(new Error(message), { code, class: failureClass, hint });
}
