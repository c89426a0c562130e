/** The shape of `notify` in a configuration file. */
import type { JsonObject } from "../core/json.ts";

const closed = { type: "object", additionalProperties: false } as const;
const text = { type: "string", minLength: 1, maxLength: 2_000 } as const;
const duration = { type: ["string", "number"] } as const;

/** A secret is named, never written down (S-38). */
const secret: JsonObject = {
  ...closed,
  properties: { env: { type: "string", pattern: "^[A-Za-z_][A-Za-z0-9_]*$" }, file: text },
  minProperties: 1,
  maxProperties: 1,
};
const webhook: JsonObject = { ...closed, properties: { url: secret }, required: ["url"] };

const target: JsonObject = {
  ...closed,
  minProperties: 1,
  maxProperties: 1,
  properties: {
    slack: webhook,
    teams: webhook,
    pagerduty: { ...closed, properties: { routing_key: secret, url: text }, required: ["routing_key"] },
    webhook: {
      ...closed,
      properties: { url: { ...secret, type: ["string", "object"], minLength: 1, maxLength: 2_000 }, secret },
      required: ["url", "secret"],
    },
    email: {
      ...closed,
      properties: {
        host: text,
        port: { type: "integer", minimum: 1, maximum: 65_535 },
        tls: { type: "string", enum: ["starttls", "implicit", "none"] },
        user: text,
        password: secret,
        from: text,
        to: { type: "array", items: text, minItems: 1, maxItems: 50 },
      },
      required: ["host", "from", "to"],
    },
  },
};

const rule: JsonObject = {
  ...closed,
  properties: {
    name: { type: "string", pattern: "^[A-Za-z_][A-Za-z0-9_-]*$", maxLength: 60 },
    on: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 50 },
    when: { type: ["string", "boolean"] },
    to: target,
    title: { type: "string", maxLength: 10_000 },
    template: { type: "string", maxLength: 50_000 },
    once_per: { type: "string", enum: ["run", "step"] },
    throttle: duration,
  },
  required: ["name", "on", "to"],
};

export const notifySchema: JsonObject = {
  ...closed,
  properties: { notify: { type: "array", items: rule, maxItems: 100 } },
};
