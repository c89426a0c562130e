/** Rules about secrets, foreign code and permissions. */
import { entryOf, type MapNode } from "../source-node.ts";
import { type Found, fieldAt, type LintRule, type Subject, stepsOf, type TextAt, textsIn, textsOf } from "./rule.ts";

/** Forms that issuers gave their tokens so that they can be found. */
const TOKEN =
  /\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60}|glpat-[A-Za-z0-9_-]{20}|xox[abprs]-[A-Za-z0-9-]{10,}|sk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}|AIza[A-Za-z0-9_-]{35}|npm_[A-Za-z0-9]{36})|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/;
/** Names of variables that hold secrets; `_FILE` and `_URL` say where one is. */
const SECRET_NAME = /(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|CREDENTIALS?)$/i;

const secretLiteral: LintRule = {
  code: "LINT_SECRET_LITERAL",
  severity: "warning",
  family: "security",
  what: "a text that looks like a password or token",
  why: "A definition is stored, hashed, shown and shared; whoever can read it has the secret.",
  fix: "Declare it under `secrets`, and write `{{ secrets.<name> }}` where it is needed.",
  bad: 'steps:\n  - id: push\n    run: ./push\n    timeout: 1m\n    env: { REGISTRY_TOKEN: "f81d4fae7dec11d0a765" }\n',
  good: 'secrets: { registry: { env: REGISTRY_TOKEN } }\nsteps:\n  - id: push\n    run: ./push\n    timeout: 1m\n    env: { REGISTRY_TOKEN: "{{ secrets.registry }}" }\n',
  *find(subject) {
    for (const { path, node, text } of allTexts(subject)) {
      const found = TOKEN.exec(text);
      if (found !== null) yield { at: node, part: { offset: found.index, length: found[0].length }, message: "This looks like a token." };
      else if (isSecretValue(path, text))
        yield { at: node, message: `\`${nameAt(path)}\` looks like a secret, and its value stands here.` };
    }
  },
};

function isSecretValue(path: string, text: string): boolean {
  if (!/^(?:env|with|headers|auth|json)\b/.test(path) || !SECRET_NAME.test(nameAt(path))) return false;
  return text.length >= 8 && !text.includes("{{") && !/\s|^[./~$]|^(?:true|false|none|null|changeme|example)/i.test(text);
}

function nameAt(path: string): string {
  return /[^.[\]]+$/.exec(path)?.[0] ?? path;
}

function* allTexts({ root, drafts }: Subject): Generator<TextAt> {
  for (const key of ["env", "output"]) {
    const shared = entryOf(root, key)?.value;
    if (shared !== undefined) yield* textsIn(shared, key);
  }
  for (const { node } of drafts) yield* textsOf(node);
}

const pipeToShell: LintRule = {
  code: "LINT_PIPE_TO_SHELL",
  severity: "warning",
  family: "security",
  what: "a script that is downloaded and run at once",
  why: "Whoever controls the server, or the way to it, runs what they like, and no two runs need be the same.",
  fix: "Download to a file, compare its checksum, then run it.",
  bad: "steps:\n  - { id: setup, run: curl -fsSL https://example.org/install.sh | sh, timeout: 1m }\n",
  good: 'steps:\n  - id: setup\n    timeout: 1m\n    run: |\n      curl -fsSL https://example.org/install.sh -o install.sh\n      echo "$SUM  install.sh" | sha256sum --check\n      sh install.sh\n    env: { SUM: 6dc8 }\n',
  find: (subject) =>
    inScripts(
      subject,
      /\b(?:curl|wget)\b[^\n|;&]*\|\s*(?:sudo\s+)?(?:\/\S*\/)?(?:(?:ba|z|da|k|fi)?sh|python3?|node|perl|ruby)\b(?!\s+-c)/,
      () => "What is downloaded here is run without being looked at.",
    ),
};

const skipPermissions: LintRule = {
  code: "LINT_SKIP_PERMISSIONS",
  severity: "warning",
  family: "security",
  what: "a coding agent that is told to ask for no permission (S-11)",
  why: "It then does whatever a prompt, or a file that it reads, makes it do, with the rights of the engine's user.",
  fix: "List what it may do under `allow`, and give it a worktree with `isolation`.",
  bad: "steps:\n  - { id: fix, run: claude --dangerously-skip-permissions -p 'Fix the tests', timeout: 10m }\n",
  good: "steps:\n  - { id: fix, run: claude --allowedTools Edit -p 'Fix the tests', timeout: 10m }\n",
  find: (subject) =>
    inScripts(
      subject,
      /--(?:dangerously-skip-permissions|dangerously-bypass-approvals-and-sandbox|dangerously-allow-all|yolo|yes-always)\b/,
      ([flag]) => `\`${flag}\` takes every permission away from people.`,
    ),
};

const plainHttp: LintRule = {
  code: "LINT_PLAIN_HTTP",
  severity: "warning",
  family: "security",
  what: "a call over `http://` to another machine",
  why: "Anybody on the way can read and change it.",
  fix: "Use `https://`.",
  bad: "steps:\n  - { id: fetch, run: curl -f http://example.org/data.json -o data.json, timeout: 1m }\n",
  good: "steps:\n  - { id: fetch, run: curl -f https://example.org/data.json -o data.json, timeout: 1m }\n  - { id: local, run: curl -f http://localhost:8080/health, timeout: 1m }\n",
  *find(subject) {
    const local = "(?!localhost\\b|127\\.|\\[::1\\]|0\\.0\\.0\\.0|[\\w.-]*\\.(?:localhost|local|internal|test)\\b|\\{\\{|\\$)";
    const message = (): string => "This is sent in the clear.";
    yield* inScripts(subject, new RegExp(`(?<=\\b(?:curl|wget)\\b[^\\n|;&]*)http://${local}[^\\s'"]+`), message);
    for (const { step, draft } of stepsOf(subject)) {
      const url = step.type === "webhook" ? entryOf(draft.node, "url")?.value : undefined;
      if (url?.kind === "scalar" && new RegExp(`^http://${local}`).test(String(url.value))) yield { at: url, message: message() };
    }
  },
};

/** Commands as a step gives them: scripts, and the arguments of a program as one line. */
function* inScripts({ drafts }: Subject, pattern: RegExp, message: (found: RegExpExecArray) => string): Generator<Found> {
  for (const { node } of drafts) {
    for (const key of ["run", "cleanup", "args"]) {
      const value = entryOf(node, key)?.value;
      if (value?.kind === "scalar" && typeof value.value === "string") {
        const found = pattern.exec(withoutComments(value.value));
        if (found !== null) yield { at: value, part: { offset: found.index, length: found[0].length }, message: message(found) };
      } else if (value?.kind === "list") {
        const found = pattern.exec(value.items.map((item) => (item.kind === "scalar" ? String(item.value) : "")).join(" "));
        if (found !== null) yield { at: value, message: message(found) };
      }
    }
  }
}

/** Blanks in place of comments, so that offsets stay. */
function withoutComments(script: string): string {
  return script.replace(/(?<=^|\s)#[^\n]*/g, (comment) => " ".repeat(comment.length));
}

const unusedSecret: LintRule = {
  code: "LINT_UNUSED_SECRET",
  severity: "warning",
  family: "security",
  what: "a secret that is declared and never read",
  why: "Every declared secret is one more thing that a run may be given; it is often the trace of a misspelt name.",
  fix: "Remove it.",
  bad: "secrets: { old: { env: OLD_TOKEN } }\nsteps:\n  - { id: push, run: ./push, timeout: 1m }\n",
  good: 'secrets: { token: { env: TOKEN } }\nsteps:\n  - { id: push, run: "./push {{ secrets.token }}", timeout: 1m }\n',
  *find({ root, drafts, references }) {
    const read = new Set<unknown>();
    for (const { reference } of [...references, ...drafts.flatMap((draft) => draft.references)])
      if (reference.root === "secrets") read.add(reference.path[0]);
    const secrets = entryOf(root, "secrets")?.value;
    for (const one of (secrets?.kind === "map" ? secrets : ({ entries: [] } as Pick<MapNode, "entries">)).entries)
      if (!read.has(one.key)) yield { at: one, message: `Nothing reads the secret \`${one.key}\`.` };
  },
};

const sharedWorkspace: LintRule = {
  code: "LINT_SHARED_WORKSPACE",
  severity: "warning",
  family: "security",
  what: "agents that may work in the same files at the same time",
  why: "Each sees the other's half-written changes, and what one does may be blamed on, or undone by, the other.",
  fix: "Give each `isolation: { worktree: true }`, or tell them apart with `touches` or a common lock.",
  bad: "steps:\n  - { id: one, type: agent, agent: claude_code, model: sonnet, max_usd: 1, prompt: Fix a, timeout: 9m }\n  - { id: two, type: agent, agent: claude_code, model: sonnet, max_usd: 1, prompt: Fix b, timeout: 9m }\n",
  good: "steps:\n  - { id: one, type: agent, agent: claude_code, model: sonnet, max_usd: 1, prompt: Fix a, timeout: 9m }\n  - { id: two, type: agent, agent: claude_code, model: sonnet, max_usd: 1, prompt: Fix b, timeout: 9m, needs: one }\n",
  *find(subject) {
    const { steps } = subject.workflow;
    const open = steps.filter((step) => step.type === "agent" && step.phase.kind === "main" && step.isolation === null);
    const before = new Map(open.map((step) => [step.index, ancestorsOf(subject, step.index)]));
    for (const [position, step] of open.entries()) {
      const draft = subject.drafts[step.index];
      const other = open
        .slice(0, position)
        .find(
          (one) =>
            !before.get(step.index)?.has(one.index) &&
            !step.conflicts.includes(one.index) &&
            (one.touches.length === 0 || step.touches.length === 0),
        );
      const itself = step.fanOut !== null && step.fanOut.maxParallel !== 1 && step.locks.length + step.touches.length === 0;
      if (draft === undefined || (other === undefined && !itself)) continue;
      const message =
        other === undefined
          ? "Its items work in the same files at the same time."
          : `\`${step.id}\` and \`${other.id}\` may work in the same files at the same time.`;
      yield { at: fieldAt(draft, "id"), message };
    }
  },
};

/** Steps that have ended before another begins. A `needs` makes an order only if both run, which is when it matters here. */
function ancestorsOf({ workflow: { steps } }: Subject, index: number): Set<number> {
  const seen = new Set([index]);
  for (const one of seen) for (const { from } of steps[one]?.needs ?? []) seen.add(from);
  return seen;
}

export const SECURITY_RULES: readonly LintRule[] = [secretLiteral, pipeToShell, skipPermissions, plainHttp, unusedSecret, sharedWorkspace];
