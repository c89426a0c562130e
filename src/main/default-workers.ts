/** How many attempts run at once where nobody says otherwise. */
import { availableParallelism } from "node:os";

/** Steps mostly wait for processes, so there is room for more of them than cores. */
export function defaultMaxWorkers(): number {
  return Math.max(8, 4 * availableParallelism());
}
