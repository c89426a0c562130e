/** Text on its way into the log of a CI server. */
import { toHarmless, toOneLine } from "../render/text.ts";
import type { Remark } from "./dialect.ts";

/**
 * Whole lines without control bytes. `##[error]`, `##vso[…]` and `##teamcity[…]` mean something to one server or another anywhere in a
 * line, if only a colour: they get a blank into the sign.
 */
export function toLines(text: string): string {
  const harmless = toHarmless(text).replaceAll(/##(?=\w*\[)/g, "# #");
  return harmless === "" || harmless.endsWith("\n") ? harmless : `${harmless}\n`;
}

/** For logs that know no remarks of their own. */
export function remarkLine({ severity, title, message, place }: Remark): string {
  const where = place === null ? "" : `${toOneLine(place.file)}:${place.line}:${place.column} `;
  return toLines(`${where}${severity} ${toOneLine(title)}: ${toOneLine(message)}`);
}
