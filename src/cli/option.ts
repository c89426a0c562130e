/** Options that several commands have, and readers of option texts. */
import { parseDurationMs } from "../core/duration.ts";
import type { OptionSpec, OptionSpecs } from "./option-spec.ts";

export const OUTPUT_FORMATS = ["text", "json", "jsonl"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What commander shows after the option's name. */
export class OptionProblem extends Error {}

export function oneOf<const TValues extends readonly string[]>(values: TValues): (text: string) => TValues[number] {
  return (text) => {
    if (!values.includes(text)) throw new OptionProblem(`It is one of ${values.join(", ")}.`);
    return text;
  };
}

export function integer(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(value) || value < min || value > max)
      throw new OptionProblem(`It is a whole number from ${min}${max === Number.MAX_SAFE_INTEGER ? " on" : ` to ${max}`}.`);
    return value;
  };
}

export function durationMs(text: string): number {
  const value = parseDurationMs(text);
  if (value === null) throw new OptionProblem("It is a duration such as 30s, 12h or 30d.");
  return value;
}

/** Decimal and binary units: `2GiB`, `500MB`, or a number of bytes. */
export function byteSize(text: string): number {
  const { count, unit = "" } = /^(?<count>\d+(?:\.\d+)?)\s*(?<unit>[KMGT]i?)?B?$/.exec(text)?.groups ?? {};
  if (count === undefined) throw new OptionProblem("It is a size such as 2GiB, 500MiB or 1000000.");
  const power = unit === "" ? 0 : "KMGT".indexOf(unit.charAt(0)) + 1;
  return Math.floor(Number(count) * (unit.endsWith("i") ? 1024 : 1000) ** power);
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const power = Math.min(4, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${"KMGT".charAt(power - 1)}iB`;
}

export function share(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 0 && value <= 1)) throw new OptionProblem("It is a number from 0 to 1.");
  return value;
}

export const text = (value: string): string => value;

export const stateOption = {
  flags: "--state <dir>",
  description: "state directory",
  parse: text,
} as const satisfies OptionSpec<string>;

export const routerOption = {
  flags: "--router <file>",
  description: "file that declares tools (default: the next router.yaml upwards)",
  parse: text,
} as const satisfies OptionSpec<string>;

export const outputOption = {
  flags: "-o, --output <format>",
  description: "text, json, or jsonl (one JSON value a line)",
  parse: oneOf(OUTPUT_FORMATS),
  choices: OUTPUT_FORMATS,
} as const satisfies OptionSpec<OutputFormat>;

export const maxWorkersOption = {
  flags: "--max-workers <n>",
  description: "attempts that may run at once",
  parse: integer(1, 100_000),
} as const satisfies OptionSpec<number>;

const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

const DURABILITIES = ["full", "relaxed"] as const;

export const durabilityOption = {
  flags: "--durability <mode>",
  description: "full (default): an fsync before every effect; relaxed: the last commits may vanish at a power cut",
  parse: oneOf(DURABILITIES),
  choices: DURABILITIES,
} as const satisfies OptionSpec<(typeof DURABILITIES)[number]>;

/** Every command that drives runs has these. */
export const observationOptions = {
  metricsPort: {
    flags: "--metrics-port <port>",
    description: "serve metrics on this port of 127.0.0.1 while it runs",
    parse: integer(0, 65_535),
  },
  metricsFile: { flags: "--metrics-file <file>", description: "write metrics to this file", parse: text },
  inspect: { flags: "--inspect", description: "show the statecharts live in a browser: prints a link that opens once" },
  inspectPort: {
    flags: "--inspect-port <port>",
    description: "the same on this port of 127.0.0.1",
    parse: integer(0, 65_535),
  },
  logFile: { flags: "--log-file <file>", description: "append one JSON line for each transition and warning to this file", parse: text },
  logLevel: {
    flags: "--log-level <level>",
    description: "least level of those lines (default info)",
    parse: oneOf(LOG_LEVELS),
    choices: LOG_LEVELS,
  },
} as const satisfies OptionSpecs;

/** Every command that looks at a state directory has these. */
export const common = { state: stateOption, output: outputOption } as const;
