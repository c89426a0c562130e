import { setTimeout as sleep } from "node:timers/promises";

export async function save(): Promise<boolean> {
  return true;
}

/** The linter sees the first two; the third comes from a package's types and needs the type-aware pass. */
export function careless(): void {
  save();
  if (save()) return;
  sleep(5);
}
