/** The log of GitLab CI. A section's marks are told by the carriage return behind them, which no text can hold: control bytes are taken out. */
import { toOneLine } from "../render/text.ts";
import type { Dialect } from "./dialect.ts";
import { remarkLine, toLines } from "./lines.ts";

const CLEAR_LINE = "\u001b[0K";

export function createGitLabDialect(): Dialect {
  let count = 0;
  const names = new Map<string, string>();
  /** A name may hold few characters and is used once in a log. */
  const nameOf = (key: string): string => {
    const name = names.get(key) ?? `troupe_${++count}`;
    names.set(key, name);
    return name;
  };
  const mark = (kind: "start" | "end", key: string, nowMs: number, options: string): string =>
    `${CLEAR_LINE}section_${kind}:${Math.floor(nowMs / 1_000)}:${nameOf(key)}${options}\r${CLEAR_LINE}`;
  return {
    text: toLines,
    open: (key, title, nowMs) => `${mark("start", key, nowMs, "[collapsed=true]")}${toOneLine(title)}\n`,
    close: (key, nowMs) => {
      const line = `${mark("end", key, nowMs, "")}\n`;
      names.delete(key);
      return line;
    },
    remark: remarkLine,
    end: () => "",
  };
}
