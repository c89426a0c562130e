import { describe, expect, test } from "vitest";
import { list, literal, makeStep, map, text } from "../../../test/support/attempts.ts";
import type { Field } from "../../plan/field.ts";
import { checkWebhook } from "./check.ts";

const found = (config: Record<string, Field>): readonly string[] =>
  checkWebhook(makeStep("webhook", { url: text("https://a.test/"), ...config })).map(({ code, field }) => `${code} ${field}`);

describe("before a run", () => {
  test("a credential in the file is found, wherever it stands", () => {
    expect(found({ auth: literal({ bearer: "abc" }) })).toEqual(["WEBHOOK_SECRET auth.bearer"]);
    expect(found({ auth: map({ basic: map({ user: text("me"), password: text("abc") }) }) })).toEqual([
      "WEBHOOK_SECRET auth.basic.password",
    ]);
    expect(found({ auth: literal({ header: { name: "X-Key", value: "abc" } }) })).toEqual(["WEBHOOK_SECRET auth.header.value"]);
    expect(found({ sign: literal({ secret: "whsec_abc" }) })).toEqual(["WEBHOOK_SECRET sign.secret"]);
    expect(found({ auth: map({ bearer: text("{{ secrets.TOKEN }}") }), sign: map({ secret: text("{{ secrets.KEY }}") }) })).toEqual([]);
  });

  test("bodies that exclude each other, and bodies of GET, are found", () => {
    expect(found({ json: literal({}), body: text("x") })).toEqual(["WEBHOOK_BODY body"]);
    expect(found({ form: literal({}), method: literal("GET") })).toEqual(["WEBHOOK_BODY form"]);
    expect(found({ json: literal({}), method: literal("PUT") })).toEqual([]);
  });

  test("headers that are ours, or none, are found", () => {
    expect(found({ headers: literal({ Host: "evil", "Idempotency-Key": "1", "X Y": "1", "X-Ok": "1" }) })).toHaveLength(3);
    expect(found({ headers: map({ "content-length": text("{{ input.x }}") }) })).toEqual(["WEBHOOK_HEADER headers"]);
  });

  test("a credential whose receiver a value decides is found (S-20)", () => {
    const open = { url: text("https://{{ input.host }}/"), auth: map({ bearer: text("{{ secrets.TOKEN }}") }) };
    expect(found(open)).toEqual(["WEBHOOK_OPEN_HOST url"]);
    expect(found({ ...open, hosts: literal(["a.test"]) })).toEqual([]);
    expect(found({ ...open, auth: literal(null), headers: map({ "X-Key": text("{{ $secrets.TOKEN }}") }) })).toEqual([
      "WEBHOOK_OPEN_HOST url",
    ]);
    expect(found({ url: text("https://{{ input.host }}/"), json: list(text("{{ input.x }}")) })).toEqual([]);
  });

  test("a URL that is none is found", () => {
    expect(found({ url: text("api.test/x") })).toEqual(["WEBHOOK_URL url"]);
    expect(found({ url: text("ftp://api.test/x") })).toEqual(["WEBHOOK_URL url"]);
  });

  test("a callback has a duration, and a map to stand in", () => {
    expect(found({ callback: literal({ expires: "soon" }) })).toEqual(["WEBHOOK_CALLBACK callback.expires"]);
    expect(found({ callback: literal({ field: "reply_to" }) })).toEqual(["WEBHOOK_CALLBACK callback.field"]);
    expect(found({ callback: literal({ field: "reply_to", expires: 60 }), json: literal({}) })).toEqual([]);
  });
});
