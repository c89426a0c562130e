/** One violation of each rule that this code base adds to the linter's recommended ones. */
export * from "./promises.ts";

export enum Level {
  low = 0,
}

export namespace Old {
  export const value = 1;
}

export class Box {
  constructor(readonly value: any) {}
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function rethrow(work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new Error("failed");
  }
}

export default function name(kind: "a" | "b"): string {
  switch (kind) {
    case "a":
      return "a";
  }
  setTimeout("name()", 1);
  return "b";
}
