/** Timers beyond the platform's limit of about 24.8 days, above which Node fires at once. */
const STEP_MAX_MS = 2_000_000_000;

export interface FarTimer {
  clear(): void;
}

export function setFarTimeout(fire: () => void, delayMs: number): FarTimer {
  let timer: NodeJS.Timeout;
  const arm = (restMs: number): void => {
    timer = restMs > STEP_MAX_MS ? setTimeout(() => arm(restMs - STEP_MAX_MS), STEP_MAX_MS) : setTimeout(fire, Math.max(0, restMs));
  };
  arm(delayMs);
  return { clear: () => clearTimeout(timer) };
}
