/** What an attempt was asked, for people. */
import { isJsonObject } from "../../core/json.ts";
import type { AskedOfStep } from "../../main/execution-requests.ts";
import type { Look } from "./look.ts";
import { cutTo, padEnd, toOneLine } from "./text.ts";

const LABELS: readonly (readonly [name: string, label: string])[] = [
  ["type", "type"],
  ["tool", "tool"],
  ["item", "item"],
  ["definition", "definition"],
  ["idempotencyKey", "key"],
  ["workspace", "workspace"],
  ["env", "environment"],
];
const LABEL_COLUMNS = 13;

export function renderRequest({ step, attempt, recorded, request }: AskedOfStep, look: Look): string[] {
  const line = (label: string, value: unknown): string =>
    cutTo(
      `${look.paint("gray", padEnd(label, LABEL_COLUMNS))}${toOneLine(typeof value === "string" ? value : JSON.stringify(value))}`,
      look.columns,
    );
  const { inputs, deadlineAt, graceMs } = request;
  const isEmpty = (value: unknown): boolean => value === null || value === undefined || (Array.isArray(value) && value.length === 0);
  return [
    `${look.paint("bold", `${step}, attempt ${attempt}`)}  ${look.paint("gray", recorded ? "as it was recorded" : "computed from the journal")}`,
    ...LABELS.flatMap(([name, label]) => (isEmpty(request[name]) ? [] : [line(label, request[name])])),
    ...(typeof deadlineAt === "number"
      ? [line("deadline", `${new Date(deadlineAt).toISOString()}, then ${String(graceMs)} ms to end`)]
      : []),
    ...Object.entries(isJsonObject(inputs) ? inputs : {}).map(([name, value]) => line(`  ${name}`, value)),
  ];
}
