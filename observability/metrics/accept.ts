/** Which of the two formats a scraper asks for (RFC 9110, 12.5.1; the media types of Prometheus). */
import type { ExpositionFormat } from "./exposition.ts";

const OPENMETRICS_VERSIONS: readonly (string | undefined)[] = [undefined, "1.0.0", "0.0.1"];

/** The text format for whoever does not prefer the other one, such as a browser. */
export function chooseFormat(accept: string | undefined): ExpositionFormat {
  let openmetrics = 0;
  let plain = 0;
  for (const range of (accept ?? "").split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const values = new Map(parameters.map((parameter) => [parameter.split("=")[0]?.trim(), parameter.split("=")[1]?.trim()]));
    const weight = Number(values.get("q") ?? 1);
    if (Number.isNaN(weight)) continue;
    if (type === "application/openmetrics-text" && OPENMETRICS_VERSIONS.includes(values.get("version")))
      openmetrics = Math.max(openmetrics, weight);
    if (type === "text/plain" || type === "text/*" || type === "*/*") plain = Math.max(plain, weight);
  }
  return openmetrics > 0 && openmetrics >= plain ? "openmetrics" : "prometheus";
}
