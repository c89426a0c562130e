import { expect, test } from "vitest";
import { chooseFormat } from "./accept.ts";

test.each([
  [undefined, "prometheus"],
  ["", "prometheus"],
  ["*/*", "prometheus"],
  ["text/html,application/xhtml+xml,*/*;q=0.8", "prometheus"],
  ["text/plain;version=0.0.4", "prometheus"],
  ["application/openmetrics-text", "openmetrics"],
  [
    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    "openmetrics",
  ],
  ["application/openmetrics-text; version=1.0.0; escaping=allow-utf-8; q=0.6, text/plain; q=0.5", "openmetrics"],
  ["application/openmetrics-text;q=0.2, text/plain;q=0.9", "prometheus"],
  ["application/openmetrics-text;version=2.0.0", "prometheus"],
  ["application/openmetrics-text;q=0", "prometheus"],
  ["application/openmetrics-text;q=nonsense", "prometheus"],
])("a scraper that accepts %j gets %s", (accept, format) => {
  expect(chooseFormat(accept)).toBe(format);
});
