/** The fields of a webhook step. */
import type { JsonObject } from "../../core/json.ts";
import type { StepTypeDeclaration } from "../../plan/step-type.ts";
import { checkWebhook } from "./check.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
/** Of the body, decoded. */
export const MAX_BYTES_DEFAULT = 1024 * 1024;
const MAX_BYTES_MAX = 10 * 1024 * 1024;
const REDIRECTS_MAX = 10;

const scalar = { type: ["string", "number", "boolean", "null"] };
const closedMap = (properties: JsonObject, required: readonly string[], description: string): JsonObject => ({
  type: "object",
  properties,
  required: [...required],
  additionalProperties: false,
  description,
});
const text = (description: string): JsonObject => ({ type: "string", minLength: 1, description });

const expect = closedMap(
  {
    status: {
      anyOf: [
        { type: "integer", minimum: 100, maximum: 599 },
        {
          type: "array",
          minItems: 1,
          items: {
            anyOf: [
              { type: "integer", minimum: 100, maximum: 599 },
              { type: "string", pattern: "^[1-5](?:xx|[0-9]{2}-[1-5][0-9]{2})$" },
            ],
          },
        },
      ],
      description: "Statuses that count as success: numbers, `2xx`, or ranges such as `200-204`. Default: 2xx.",
    },
    schema: { type: "object", description: "JSON Schema that the answer's JSON has to fit." },
    format: {
      enum: ["auto", "json", "text", "none"],
      description: "How the body is read; `auto` goes by its content type. Default: auto.",
    },
    max_bytes: {
      type: "integer",
      minimum: 0,
      maximum: MAX_BYTES_MAX,
      description: `Largest body that is read, unpacked. Default: ${MAX_BYTES_DEFAULT}.`,
    },
  },
  [],
  "What counts as success.",
);

const auth: JsonObject = {
  ...closedMap(
    {
      bearer: text("Token, from a secret."),
      basic: closedMap(
        { user: { type: "string" }, password: text("Password, from a secret.") },
        ["user", "password"],
        "User and password.",
      ),
      header: closedMap(
        { name: text("Name of the header."), value: text("Its value, from a secret.") },
        ["name", "value"],
        "Any other header.",
      ),
    },
    [],
    "Credentials; they never follow a redirect to another origin.",
  ),
  minProperties: 1,
  maxProperties: 1,
};

const sign = closedMap(
  {
    secret: text("Key, from a secret; `whsec_…` holds it in base64."),
    scheme: { enum: ["standard-webhooks"], description: "How it is signed. Default: standard-webhooks." },
    id: text("Id of the message. Default: the idempotency key."),
  },
  ["secret"],
  "Signs the body, so that the receiver knows who sent it.",
);

const callback = closedMap(
  {
    expires: { type: ["string", "number"], description: "How long the step waits. Default: 24h." },
    header: text("Header in which the address is sent. Default: Troupe-Callback-Url."),
    field: text("Member of `json` or `form` in which it is sent too."),
    query: text("Parameter of the URL in which it is sent too."),
    schema: { type: "object", description: "JSON Schema that the data of the callback has to fit." },
  },
  [],
  "After the answer, the step waits until somebody calls an address that only the receiver has been told.",
);

export const webhookDeclaration: StepTypeDeclaration = {
  type: "webhook",
  summary: "Calls a web service, and waits for its callback if it is asked to.",
  properties: {
    url: { type: "string", minLength: 1, description: "Where to call. Values in `{{ … }}` behind the host are percent-encoded." },
    method: { enum: [...METHODS], description: "Default: POST where there is a body, otherwise GET." },
    query: {
      type: "object",
      additionalProperties: { anyOf: [scalar, { type: "array", items: scalar }] },
      description: "Parameters to add to the URL; those that are null are left out.",
    },
    headers: { type: "object", additionalProperties: scalar, description: "Headers; those that are null are left out." },
    json: { description: "Body as JSON." },
    form: {
      type: "object",
      additionalProperties: { anyOf: [scalar, { type: "array", items: scalar }] },
      description: "Body as a form.",
    },
    body: { type: "string", description: "Body as text." },
    expect,
    auth,
    sign,
    redirects: {
      anyOf: [
        { type: "integer", minimum: 0, maximum: REDIRECTS_MAX },
        closedMap(
          {
            max: { type: "integer", minimum: 0, maximum: REDIRECTS_MAX, description: "How many in a row." },
            other_origins: { type: "boolean", description: "They may lead to other origins, which get neither credentials nor a body." },
          },
          ["max"],
          "Which redirects are followed.",
        ),
      ],
      description: "How many redirects are followed, on the same origin. Default: 0.",
    },
    network: {
      enum: ["public", "private"],
      description: "`private` also reaches this machine and private networks; metadata services never. Default: public.",
    },
    hosts: {
      type: "array",
      minItems: 1,
      items: { type: "string", minLength: 1 },
      description: "The only hosts that may be called, redirects included: `api.example.org`, `*.example.org`, `localhost:8080`.",
    },
    callback,
  },
  required: ["url"],
  fields: {
    url: "text",
    method: "literal",
    query: "text",
    headers: "text",
    json: "text",
    form: "text",
    body: "text",
    expect: "literal",
    auth: "text",
    sign: "text",
    redirects: "literal",
    network: "literal",
    hosts: "literal",
    callback: "literal",
  },
  inferredBy: null,
  check: checkWebhook,
};
