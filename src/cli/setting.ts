/** What can be configured. One table: flags, `TROUPE_*`, files and defaults are all read by it. */
import { byteSize, durationMs, integer, OptionProblem, OUTPUT_FORMATS, type OutputFormat, oneOf, share, text } from "./option.ts";

interface SettingSpec<TValue> {
  readonly description: string;
  readonly variable: string;
  readonly parse: (text: string) => TValue;
  /** As text, so that it is shown and read like any other source. */
  readonly default: string;
}

/** Keys are those of `troupe.config.yaml`. */
export const SETTINGS = {
  state: { description: "state directory", variable: "TROUPE_STATE", parse: path, default: ".troupe" },
  max_workers: {
    description: "attempts that may run at once; 0 for four for each core, at least 8",
    variable: "TROUPE_MAX_WORKERS",
    parse: integer(0, 100_000),
    default: "0",
  },
  durability: {
    description: "`full`: an fsync before every effect; `relaxed`: the last commits may vanish at a power cut",
    variable: "TROUPE_DURABILITY",
    parse: oneOf(["full", "relaxed"]),
    default: "full",
  },
  output: { description: "output format of every command", variable: "TROUPE_OUTPUT", parse: oneOf(OUTPUT_FORMATS), default: "text" },
  tenant: { description: "who new runs belong to; empty for what the workflow says", variable: "TROUPE_TENANT", parse: text, default: "" },
  cache_store: {
    description: "where the step cache is: empty for below the state directory, a directory, redis://…, or s3+https://…/bucket",
    variable: "TROUPE_CACHE_STORE",
    parse: text,
    default: "",
  },
  cache_max_bytes: {
    description: "bound of the step cache on disk, such as 500MiB; what was used longest ago goes first",
    variable: "TROUPE_CACHE_MAX_BYTES",
    parse: byteSize,
    default: "2GiB",
  },
  cache_verify: {
    description: "share of cache hits that are executed all the same and compared, 0 to 1",
    variable: "TROUPE_CACHE_VERIFY",
    parse: share,
    default: "0",
  },
  cache_zone: {
    description: "trust zone of the step cache: entries of one are not found in another",
    variable: "TROUPE_CACHE_ZONE",
    parse: text,
    default: "default",
  },
  profile: {
    description: "security profile under which every step runs, whatever its workflow says; empty for none",
    variable: "TROUPE_PROFILE",
    parse: text,
    default: "",
  },
  profiles: {
    description: "file that names security profiles besides `open`, `restricted` and `sandboxed`",
    variable: "TROUPE_PROFILES",
    parse: text,
    default: "",
  },
  public_url: {
    description: "address under which people reach the dashboard, for links in notifications; empty for none",
    variable: "TROUPE_PUBLIC_URL",
    parse: webAddress,
    default: "",
  },
  notify_network: {
    description: "`private`: notifications may also go to addresses of private networks and of this machine",
    variable: "TROUPE_NOTIFY_NETWORK",
    parse: oneOf(["public", "private"]),
    default: "public",
  },
  router: {
    description: "file that declares tools; empty for the next `router.yaml` from a workflow upwards",
    variable: "TROUPE_ROUTER",
    parse: text,
    default: "",
  },
  retention_age: {
    description: "age beyond which `troupe prune` removes ended runs",
    variable: "TROUPE_RETENTION_AGE",
    parse: durationMs,
    default: "30d",
  },
  retention_keep: {
    description: "ended runs that `troupe prune` keeps whatever their age",
    variable: "TROUPE_RETENTION_KEEP",
    parse: integer(0),
    default: "100",
  },
} as const satisfies Readonly<Record<string, SettingSpec<string | number>>>;

export type SettingName = keyof typeof SETTINGS;

export interface SettingValues {
  readonly state: string;
  readonly max_workers: number;
  readonly durability: "full" | "relaxed";
  readonly output: OutputFormat;
  readonly tenant: string;
  readonly cache_store: string;
  readonly cache_max_bytes: number;
  readonly cache_verify: number;
  readonly cache_zone: string;
  readonly profile: string;
  readonly profiles: string;
  readonly public_url: string;
  readonly notify_network: "public" | "private";
  readonly router: string;
  readonly retention_age: number;
  readonly retention_keep: number;
}

function path(value: string): string {
  if (value === "") throw new OptionProblem("It is the path of a directory.");
  return value;
}

/** Without a slash at its end. */
function webAddress(value: string): string {
  if (value === "") return value;
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "" || url.hash !== "")
    throw new OptionProblem("It is an address such as https://troupe.example.org.");
  return url.href.replace(/\/+$/, "");
}

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}
