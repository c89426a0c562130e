/** What a person is shown, and decides about. It is one JSON value: its digest is the digest of exactly this (mission X12). */
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import { sha256 } from "../../core/sha256.ts";
import type { RiskLevel } from "./risk.ts";

export interface ApprovalRequest {
  readonly run: string;
  readonly workflow: string;
  /** Hash of the definition that goes on when it is approved. */
  readonly definition: string;
  readonly step: string;
  readonly title: string | null;
  /** A second one has been escalated. */
  readonly attempt: number;
  readonly prompt: string;
  /** Names and groups that may decide; empty for anybody who may approve. */
  readonly who: readonly string[];
  readonly show: Json;
  /** JSON Schema of the answer's fields; null where none are asked. */
  readonly fields: JsonObject | null;
  readonly risk: {
    readonly score: number;
    readonly level: RiskLevel;
    readonly reasons: readonly { readonly reason: string; readonly score: number; readonly error?: string }[];
  };
  /** Who may not decide, because it is about that person's own run; null without four eyes. */
  readonly notBy: string | null;
  readonly expires: { readonly at: string; readonly otherwise: "approve" | "reject" | "escalate"; readonly to: readonly string[] } | null;
}

export function digestOfRequest(request: ApprovalRequest): string {
  return sha256(canonicalJson(request));
}

/** The request as the journal keeps it. */
export function toJournal(request: ApprovalRequest): JsonObject {
  return request as unknown as JsonObject; // It holds nothing but JSON.
}

export function fromJournal(request: JsonObject): ApprovalRequest {
  return request as unknown as ApprovalRequest; // Written by `toJournal` alone.
}

/** `fields` may be a schema itself, or schemas by name. */
export function fieldsSchema(fields: JsonObject): JsonObject {
  if (fields.type === "object" && isJsonObject(fields.properties)) return fields;
  const required = Object.entries(fields).flatMap(([name, schema]) => (isJsonObject(schema) && schema.default !== undefined ? [] : [name]));
  return { type: "object", properties: fields, required, additionalProperties: false };
}
