/** Every error Troupe can raise: code, who acts next, HTTP status, exit code, message and fix. `docs/errors.md` is generated from it. */
export type ErrorKind = "definition" | "request" | "transient" | "fenced" | "invariant";

export interface CatalogueEntry {
  readonly kind: ErrorKind;
  readonly status: number;
  readonly exit: number;
  /** Fact, value; `{name}` is filled from the error's details. */
  readonly message: string;
  /** What to do next. */
  readonly fix?: string;
}

const definition = (message: string, fix?: string): CatalogueEntry => ({
  kind: "definition",
  status: 422,
  exit: 2,
  message,
  ...(fix && { fix }),
});
const request = (status: number, message: string, fix?: string): CatalogueEntry => ({
  kind: "request",
  status,
  exit: 2,
  message,
  ...(fix && { fix }),
});
const transient = (message: string, fix?: string): CatalogueEntry => ({
  kind: "transient",
  status: 503,
  exit: 1,
  message,
  ...(fix && { fix }),
});
const fenced = (message: string, fix?: string): CatalogueEntry => ({ kind: "fenced", status: 503, exit: 6, message, ...(fix && { fix }) });
const invariant = (message: string): CatalogueEntry => ({
  kind: "invariant",
  status: 500,
  exit: 70,
  message,
  fix: "This is a bug in Troupe: please report it with the output of `troupe doctor`.",
});

export const catalogue = {
  // --- the workflow's author acts
  DEF_INVALID: definition("The workflow has {count} problem(s)."),
  DEF_CYCLE: definition("Steps depend on each other in a circle: {path}.", "Remove one of these references or `needs`."),
  DEF_CONFLICTS: definition(
    "The steps' `locks` and `touches` make more than {max} pairs of steps or paths that may exclude each other.",
    "Give fewer steps a common lock, or touch narrower paths.",
  ),
  DEF_UNKNOWN_STEP: definition("Step `{step}` needs `{needs}`, which does not exist."),
  DEF_EXPRESSION: definition("{problem}"),
  DEF_UNFINISHED: definition("The expression ends too early: {expected} expected.", "Finish the expression."),
  DEF_AMBIGUOUS: definition("The expression can be read in {count} ways.", "Add parentheses."),
  EXPR_TYPE: definition("{problem}"),
  EXPR_MISSING: definition("{problem}"),
  EXPR_ARGUMENT: definition("{problem}"),
  EXPR_NUMBER: definition("{problem}"),
  EXPR_LIMIT: definition("{problem}", "Make the expression or its values smaller, or compute the value in a step."),
  DEF_SCHEMA: definition("{path}: {problem}"),
  DEF_SYNTAX: definition("{problem}"),
  DEF_LIMIT: definition("The document is too large: {problem}.", "Split the work into several workflows."),
  DEF_NOTIFY: definition("{problem}"),
  DEF_EMPTY: definition("The file is empty.", "`troupe init` writes a first workflow."),
  DEF_ROUTER: definition("{problem}"),
  DEF_ROOT: definition(
    "A workflow is a map of keys such as `name` and `steps`; the file holds {found}.",
    "Begin with `apiVersion: troupe/v1`, `name:` and `steps:`.",
  ),
  DEF_DUPLICATE_KEY: definition("The key `{key}` stands twice in the same map.", "Remove or rename one of them."),
  DEF_FORBIDDEN_KEY: definition("The key `{key}` is not allowed: it names a part of every object.", "Use another name."),
  DEF_TAG: definition("Tags other than those of JSON values are not allowed.", "Remove the tag; quote a value to make it text."),
  DEF_NUMBER: definition("The number {number} cannot be kept exactly.", "Put it in quotes, or write it with fewer digits."),
  DEF_VERSION: definition("`apiVersion` is `{version}`; this version of Troupe reads `troupe/v1`.", "Write `apiVersion: troupe/v1`."),
  DEF_UNKNOWN_KEY: definition("{where} has no key `{key}`."),
  DEF_NOT_YET: definition("`{key}` is part of the language, but this version of Troupe does not have it yet.", "Remove it."),
  DEF_UNKNOWN_TYPE: definition("There is no step type `{type}`."),
  DEF_NO_TYPE: definition("Step `{step}` does not say what it does.", "Give it a `type`."),
  DEF_DUPLICATE_STEP: definition("The id `{step}` is used by two steps.", "Rename one of them."),
  DEF_RESERVED_ID: definition("A step cannot be called `{step}`: expressions use that name for something else.", "Rename the step."),
  DEF_STEP_NUMBER: definition(
    "`step{number}` names step number {number}, so no other step can have that id.",
    "Rename the step or correct its number.",
  ),
  DEF_SELF_REFERENCE: definition("Step `{step}` needs itself.", "A step can only use what other steps have computed."),
  DEF_UNKNOWN_NAME: definition("{problem}"),
  DEF_UNKNOWN_POLICY: definition("There is no {kind} policy `{policy}` under `use.{kind}`."),
  DEF_COMPARE: definition("{problem}", "Convert one side, or compare with a value of the same type."),
  DEF_PROFILE: definition("{problem}"),
  DEF_POLICY: definition("{problem}"),
  DEF_FILE: definition("The file `{path}` cannot be used: {problem}."),
  DEF_BAD_SCHEMA: definition("This is no usable JSON Schema: {problem}."),
  DEF_MAYBE_MISSING: definition("{problem}", "Give it a default: `{{ … ?? value }}`."),
  DEF_UNUSED: definition("{problem}"),
  DEF_UNREACHABLE: definition("Step `{step}` can never run: {problem}."),
  DEF_FALLBACK: definition(
    "The fallback of step `{step}` is used when it times out; when it fails, the step counts as skipped.",
    "Give those who read it a default: `{{ … ?? value }}`.",
  ),
  DEF_NOT_EXPRESSIBLE: definition("The {dialect} dialect cannot say {what}.", "Keep the file in the dialect it is written in."),
  DEF_PHASE: definition("{problem}"),
  DEF_FAN_OUT: definition("{problem}"),
  DEF_SECRET: definition("{problem}"),
  DEF_TRIGGER: definition("{problem}"),
  DEF_INCLUDE: definition("The workflow `{path}` cannot be included: {problem}."),
  DEF_STEP: definition("{problem}"),

  // --- the caller acts
  RUN_NOT_FOUND: request(404, "There is no run `{run}`.", "`troupe list` shows the runs of this state directory."),
  RUN_ALREADY_FINISHED: request(409, "Run {run} has already {state}.", "Start a linked run with `troupe retry` or `troupe fork`."),
  STEP_NOT_FOUND: request(404, "Run {run} has no step `{step}`."),
  TOOL_UNKNOWN: request(404, "There is no tool `{tool}`.", "`troupe tools ls` shows the tools that are declared."),
  BREAKER_UNKNOWN: request(404, "No breaker of `{target}` has ever opened.", "`troupe tools ls` shows breakers that are not closed."),
  STEP_NOT_QUARANTINED: request(
    409,
    "Step `{step}` is {state}, not quarantined.",
    "`troupe quarantine list` shows what waits for a person.",
  ),
  STEP_NOT_WAITING: request(
    409,
    "Step `{step}` is {state}, and waits for no answer.",
    "`troupe show RUN` tells where the run stands; somebody else may have answered.",
  ),
  APPROVAL_DIGEST: request(
    409,
    "What you were shown for step `{step}` ({shown}) is not what it asks now ({wanted}).",
    "Look again with `troupe approve RUN`, and decide about what it shows.",
  ),
  APPROVAL_NONE: request(404, "Run {run} waits for no approval.", "`troupe approvals` lists what waits."),
  APPROVAL_WHICH: request(400, "Run {run} waits for {count} approvals: {steps}.", "Name the step."),
  APPROVAL_NOT_YOURS: request(403, "Step `{step}` asks {who}, not {name}.", "Let one of them decide."),
  APPROVAL_OWN_RUN: request(403, "{name} started the run, so somebody else has to decide about step `{step}`.", "Ask another person."),
  APPROVAL_LATE: request(409, "The time to decide about step `{step}` ended at {at}.", "`troupe show RUN` tells what became of it."),
  APPROVAL_FIELDS: request(
    422,
    "The answer to step `{step}` does not fit what it asks:\n{problems}",
    "Give the fields by `--field name=value`; `troupe approvals` shows which there are.",
  ),
  APPROVAL_FROM_STEP: request(
    403,
    "A step may not decide about an approval.",
    "Decide in a terminal of your own, not in a command that a workflow runs.",
  ),
  SCHEDULE_NOT_FOUND: request(404, "No schedule `{schedule}` is deployed.", "`troupe schedules ls` lists those that are."),
  HOOK_SIGNATURE: request(
    401,
    "This is no request that was signed with the secret of this address.",
    "Sign the body as it is sent, now, with the secret that `troupe hooks create` gave.",
  ),
  EVENT_MISMATCH: request(409, "The delivery `{delivery}` of the event `{event}` came before with another body.", "Use a new id."),
  EVENT_UNHEARD: request(404, "No step waits for the event `{event}`.", "`troupe why RUN` tells what a run waits for."),
  CALLBACK_UNKNOWN: request(404, "This is no address that a step has given out.", "Use the URL exactly as it was sent."),
  CALLBACK_DATA: request(422, "The data does not fit what step `{step}` waits for:\n{problems}"),
  RUN_NOT_PAUSED: request(409, "Run {run} is {state}, not paused."),
  RUN_NOT_RUNNING: request(409, "Run {run} is {state}; only a running one can be paused."),
  ENGINE_STOPPED: request(503, "This engine has stopped and takes nothing more.", "Start a new one; every run goes on from its journal."),
  STORE_OWNED: request(
    409,
    "The state directory is in use by {holder}.",
    "End that process first; whoever comes next goes on with its runs. `troupe doctor` tells whether an engine is alive.",
  ),
  INPUT_INVALID: request(
    422,
    "The input does not fit workflow `{workflow}`:\n{problems}",
    "Correct these values, given by `-i key=value` or `--input <file>`; the workflow's `input` says what it takes.",
  ),
  VALUE_NOT_JSON: request(422, "{problem}.", "Give a value that JSON can hold, nested no deeper than 100 levels."),
  RUN_AMBIGUOUS: request(400, "`{run}` may mean any of {candidates}.", "Give more of the id."),
  RUN_NOT_FINISHED: request(409, "Run {run} has not finished.", "Let it go on with `troupe resume`, or stop it with `troupe cancel`."),
  SEQ_NOT_FOUND: request(404, "Run {run} has no entry {seq}; its last is {last}."),
  IDEMPOTENCY_MISMATCH: request(
    409,
    "The key `{key}` was used before to start run {run} with another workflow or input.",
    "Use a new key.",
  ),
  WORKFLOW_NOT_FOUND: request(
    404,
    "No workflow `{workflow}` is deployed.",
    "`troupe workflows ls` lists those that are; `troupe deploy FILE` adds one.",
  ),
  WORKFLOW_VERSION_NOT_FOUND: request(
    404,
    "Workflow `{workflow}` has no version {version}.",
    "`troupe workflows show {workflow}` lists its versions.",
  ),
  WORKFLOW_CHANGED: request(
    412,
    "Workflow `{workflow}` has changed since you looked.",
    "Look at it again, and send its new `ETag` as `If-Match`.",
  ),
  WORKFLOW_NAME: request(
    422,
    "The workflow calls itself `{found}`, not `{workflow}`.",
    "Deploy it under its own name, or change its `name`.",
  ),
  ANSWER_TOO_LARGE: request(413, "What is asked about {what} is too large to be told at once.", "Ask for its steps in pages."),
  API_REQUEST: request(400, "{problem}", "`/openapi.json` tells what each route takes."),
  API_TOKEN: request(401, "This needs a key.", "Send `Authorization: Bearer <key>`; `troupe keys create` makes one."),
  API_LOGIN: request(
    401,
    "This link was used, is too old, or is not one of this server; or the key is none.",
    "`troupe serve` prints a new link on a terminal, `troupe keys create` makes a key.",
  ),
  API_CSRF: request(403, "The session's `x-troupe-csrf` is missing or not its own.", "`GET /api/v1/session` tells it."),
  API_RIGHT: request(403, "The role `{role}` may not {right}.", "Use a key of another role."),
  API_ORIGIN: request(403, "Pages of other origins may not call this server."),
  API_ROUTE: request(404, "There is nothing at {path}.", "`/openapi.json` lists the routes."),
  API_NO_DASHBOARD: request(404, "The dashboard was not built here.", "`npm run build` makes it. The API is there all the same: /api/v1."),
  API_METHOD: request(405, "{path} does not answer {method}."),
  API_BODY_LARGE: request(413, "The body has more than {max} bytes."),
  API_MEDIA: request(415, "This takes `application/json` only."),
  API_HOST: request(
    421,
    "This server does not answer for `{host}`.",
    "Call it by the address that it has printed, or start it with `--allow-host`.",
  ),
  API_UPGRADE: request(426, "There is only a WebSocket here."),
  API_RATE: request(429, "Too many requests.", "Wait for as long as `Retry-After` says."),
  API_ADDRESS: request(
    409,
    "The server cannot listen on {address}: {problem}.",
    "Give another one with --port or --host, or 0 for any port.",
  ),
  SERVER_REFUSED: request(400, "{server} says {code}: {problem}"),
  SERVER_AWAY: request(400, "{server} cannot be reached: {problem}.", "Is it running, and is the address right?"),
  CLI_USAGE: request(400, "{problem}", "`troupe {command} --help` shows how it is used."),
  CONFIG_INVALID: request(400, "{problem}"),
  FILE_UNREADABLE: request(404, "The file `{file}` cannot be read: {problem}."),
  FILE_UNWRITABLE: request(409, "The file `{file}` cannot be written: {problem}."),
  METRICS_PORT_UNUSABLE: request(
    409,
    "Metrics cannot be served on port {port}: {problem}.",
    "Give another port with --metrics-port, or 0 for any that is free.",
  ),
  INSPECTOR_PORT_UNUSABLE: request(
    409,
    "The inspector cannot be served on port {port}: {problem}.",
    "Give another port with --inspect-port, or --inspect for any that is free.",
  ),
  CACHE_CLIENT_MISSING: request(
    409,
    "The step cache needs the package `{package}`, which is not installed.",
    "Install it: `npm install {package}`.",
  ),
  CACHE_LOCATION: request(400, "The step cache cannot be at `{location}`: {problem}.", "Leave `cache_store` out, or see docs/caching.md."),
  MERGE_REFUSED: request(409, "{problem}"),
  JSON_UNREADABLE: request(400, "{source} is not JSON: {problem}."),

  // --- the runtime acts, later
  STORE_BUSY: transient(
    "The store is locked by another process.",
    "Try again in a moment; if it stays so, find and end the process that holds `troupe.db` (`fuser` or `lsof` names it).",
  ),
  STORE_FULL: transient("No space is left for the store.", "Free disk space; work goes on by itself."),
  BACKPRESSURE: transient("The queue holds {depth} of {bound} steps.", "Try again in a moment."),
  DETACH_FAILED: transient("The process in the background did not start the run: {problem}", "Its log is {log}."),

  // --- nobody acts: this engine stops
  EPOCH_LOST: fenced("Another engine (epoch {current}) has taken over this store; this one had epoch {epoch}."),
  COMMIT_UNKNOWN: fenced(
    "A commit failed with an unknown outcome: {problem}.",
    "Start again: the store is read anew and every run goes on.",
  ),
  STORE_UNUSABLE: fenced(
    "The store cannot be used: {problem}.",
    "`troupe doctor` tells what is wrong with it; a copy made by `troupe backup` can take its place.",
  ),

  // --- we act
  INV_EXPRESSION: invariant("An expression was evaluated that no parser made: {problem}."),
  INV_JOURNAL_GAP: invariant("Run {run} has no entry {seq} in its journal."),
  INV_PLAN_CYCLE: invariant("A compiled workflow has a circle that {count} step(s) wait for."),
  INV_ENTRY_REFUSED: invariant("Entry {seq} of `{actor}` in run {run} does not follow: {problem}."),
  INV_ROW_UNREADABLE: invariant("A stored {row} of {of} cannot be read: {problem}."),
  INV_BLOB_MISSING: invariant("The store has no value for {digest}."),
  INV_EFFECT_EXECUTED: invariant("The statechart action `{name}` was run instead of being collected."),
  INV_UNHANDLED_EVENT: invariant("Actor `{actor}` in state `{state}` does not know the event `{event}`."),
  INV_UNKNOWN_ACTION: invariant("The statechart of `{actor}` asked for an unknown action `{action}`."),
  INV_FOLD_MISMATCH: invariant("Entry {seq} of run {run} says that `{actor}` went to `{stored}`; its statechart says `{computed}`."),
  INV_BLOB_UNAVAILABLE: invariant("The blob {digest} was asked for where none can be loaded."),
  INV_NO_RUN: invariant("A cause `{event}` came for a run that does not exist."),
  INV_UNCAUGHT: {
    kind: "invariant",
    status: 500,
    exit: 70,
    message: "Something failed outside of any step: {problem}",
    fix: "What is recorded is safe: go on with `troupe resume`. Look for a timer or an event handler that a function left behind.",
  },
  INV_KERNEL: invariant("The kernel failed: {problem}."),
  INV_DEADLOCK: invariant("Run {run} cannot go on: {blocked} steps wait and nothing runs."),
  INV_NO_DEFINITION: invariant("The definition {digest} is not in the store."),
  INV_ASYNC_TRANSACTION: invariant("A transaction's work returned a promise."),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof catalogue;
