import { describe, expect, test } from "vitest";
import { makeContext, makeStep, text } from "../../../test/support/attempts.ts";
import type { Json } from "../../core/json.ts";
import { checkWebhook } from "./check.ts";
import { urlOf } from "./url.ts";

const url = (source: string, value: Json = ""): string => {
  const step = makeStep("webhook", { url: text(source) });
  return urlOf(makeContext(step, { input: { value } }), step.config.url).href;
};

describe("a value in a URL", () => {
  test.each([
    ["https://a.test/{{ input.value }}", "x y", "https://a.test/x%20y"],
    ["https://a.test/{{ input.value }}/end", "a/b?c#d", "https://a.test/a%2Fb%3Fc%23d/end"],
    ["https://a.test/p?q={{ input.value }}&r=1", "1&admin=true", "https://a.test/p?q=1%26admin%3Dtrue&r=1"],
    ["https://a.test?q={{ input.value }}", "ü", "https://a.test/?q=%C3%BC"],
    ["{{ input.value }}/v1", "https://b.test/base", "https://b.test/base/v1"],
    ["{{ input.value }}", "https://b.test/p?q=1", "https://b.test/p?q=1"],
    ["https://{{ input.value }}/x", "b.test:8080", "https://b.test:8080/x"],
    ["https://{{ input.value }}.a.test/x", "eu-1", "https://eu-1.a.test/x"],
    ["https://a.test/{{ input.value }}", 7, "https://a.test/7"],
    ["https://a.test/{{ input.value }}", "\ud800", "https://a.test/%EF%BF%BD"],
  ])("%s with %j is %s", (source, value, expected) => {
    expect(url(source, value)).toBe(expected);
  });

  test.each([
    ["https://{{ input.value }}/x", "a.test/evil?", "URL_VALUE"],
    ["https://{{ input.value }}/x", "user@evil.test", "URL_VALUE"],
    ["https://{{ input.value }}.a.test/x", "evil.test/", "URL_VALUE"],
    ["https://{{ input.value }}.a.test/x", "evil.test#", "URL_VALUE"],
    ["https://a.test/users/{{ input.value }}/name", "..", "URL_VALUE"],
    ["https://a.test/users/{{ input.value }}", ".", "URL_VALUE"],
    ["https://a.test/{{ input.value }}{{ input.value }}/x", ".", "URL_VALUE"],
    ["{{ input.value }}", "file:///etc/passwd", "URL_INVALID"],
    ["{{ input.value }}", "javascript:alert(1)", "URL_INVALID"],
    ["{{ input.value }}", "", "URL_INVALID"],
    ["{{ input.value }}/x", "//evil.test", "URL_INVALID"],
  ])("%s with %j is refused", (source, value, code) => {
    expect(() => url(source, value)).toThrow(expect.objectContaining({ code, class: "validation" }));
  });

  test("that decides which private machine is called needs a list of hosts", () => {
    const codes = (source: string, hosts?: readonly string[]) => {
      const network = { kind: "literal", value: "private" } as const;
      const config = { url: text(source), network, ...(hosts && { hosts: { kind: "literal", value: hosts } as const }) };
      return checkWebhook(makeStep("webhook", config)).map(({ code }) => code);
    };
    expect(codes("{{ input.value }}")).toEqual(["WEBHOOK_OPEN_HOST"]);
    expect(codes("http://{{ input.value }}/")).toEqual(["WEBHOOK_OPEN_HOST"]);
    expect(codes("http://localhost:{{ input.value }}")).toEqual(["WEBHOOK_OPEN_HOST"]);
    expect(codes("http://localhost/{{ input.value }}")).toEqual([]);
    expect(codes("{{ input.value }}", ["localhost:80"])).toEqual([]);
  });
});
