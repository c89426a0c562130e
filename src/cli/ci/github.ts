/** The log of GitHub Actions. Its runner obeys `::command::` at the start of a line and `##[command]` anywhere in one. */
import { toHarmless, toOneLine } from "../render/text.ts";
import type { Dialect, Remark } from "./dialect.ts";
import { toLines } from "./lines.ts";

const COMMANDS = { error: "error", warning: "warning", note: "notice" } as const;

/**
 * All text stands between `::stop-commands::<token>` and `::<token>::`. Each token is used once and written only when all text up to it
 * is there already, so no text can hold it.
 *
 * @param newToken 128 random bits or more, as letters and digits
 */
export function createGitHubDialect(newToken: () => string): Dialect {
  let token: string | null = null;
  const resume = (): string => {
    const line = token === null ? "" : `::${token}::\n`;
    token = null;
    return line;
  };
  const stop = (): string => {
    if (token !== null) return "";
    token = newToken();
    return `::stop-commands::${token}\n`;
  };
  return {
    text: (text) => stop() + toLines(text),
    open: (_key, title) => `${resume()}::group::${toValue(toOneLine(title))}\n`,
    close: () => `${resume()}::endgroup::\n`,
    remark: (remark) => `${resume()}${toAnnotation(remark)}\n`,
    end: resume,
  };
}

function toAnnotation({ severity, title, message, place }: Remark): string {
  const properties = [
    ...(place === null ? [] : [`file=${toProperty(place.file)}`, `line=${place.line}`, `col=${place.column}`]),
    `title=${toProperty(toOneLine(title))}`,
  ];
  return `::${COMMANDS[severity]} ${properties.join(",")}::${toValue(toHarmless(message))}`;
}

/** A remark is one line for the runner, which turns these back. */
function toValue(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function toProperty(text: string): string {
  return toValue(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
