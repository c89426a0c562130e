/**
 * E-mail over SMTP. Nodemailer is loaded when the first mail is sent, and is not installed with Troupe.
 *
 * The name of the server is resolved here and its address judged like that of any other call (S-19); the connection goes to that address.
 */
import { toError } from "../../core/errors.ts";
import { shorten, toPlainLine } from "../../core/plain-text.ts";
import type { NotifyTarget } from "../../plan/notify-rule.ts";
import type { Delivered, NotificationMessage, Notifier } from "../../ports/notifier.ts";

type EmailTarget = Extract<NotifyTarget, { readonly channel: "email" }>;

/** The address to connect to, or why there is none. */
export type FindAddress = (
  host: string,
) => Promise<{ readonly ok: true; readonly address: string } | { readonly ok: false; readonly problem: string; readonly lasts: boolean }>;

export interface EmailOptions {
  readonly target: EmailTarget;
  readonly password: () => string;
  readonly findAddress: FindAddress;
  /** Certificates to trust instead of those of the platform, as PEM. */
  readonly ca?: readonly string[];
}

const TIME_LIMIT_MS = 10_000;
const SUBJECT_MAX_CHARS = 200;
const TEXT_MAX_CHARS = 50_000;
const PROBLEM_MAX_CHARS = 300;
/** Nodemailer's codes of what is wrong with the mail or the login itself. */
const LASTING: ReadonlySet<string> = new Set(["EAUTH", "ENOAUTH", "EENVELOPE", "EMESSAGE"]);

export function createEmailNotifier(options: EmailOptions): Notifier {
  return { channel: "email", escape: (value) => value, send: (message, signal) => send(options, message, signal) };
}

async function send(
  { target, password, findAddress, ca }: EmailOptions,
  message: NotificationMessage,
  signal: AbortSignal,
): Promise<Delivered> {
  const nodemailer = await import("nodemailer").catch(() => null);
  if (nodemailer === null)
    return { kind: "refused", problem: "The package `nodemailer` is not installed. Run `npm install nodemailer` beside Troupe." };
  const { host, port, tls, login } = target;
  const found = await findAddress(host);
  if (!found.ok) return found.lasts ? { kind: "refused", problem: found.problem } : again(found.problem);
  if (signal.aborted) return { kind: "stopped" };
  const transport = nodemailer.createTransport({
    host: found.address,
    port,
    secure: tls === "implicit",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    tls: { servername: host, minVersion: "TLSv1.2", ...(ca !== undefined && { ca: [...ca] }) },
    ...(login !== null && { auth: { user: login.user, pass: password() } }),
    connectionTimeout: TIME_LIMIT_MS,
    greetingTimeout: TIME_LIMIT_MS,
    socketTimeout: TIME_LIMIT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const stop = (): void => transport.close();
  signal.addEventListener("abort", stop);
  const late = Promise.withResolvers<Delivered>();
  const timer = setTimeout(() => late.resolve(again(`No answer within ${TIME_LIMIT_MS} ms`)), TIME_LIMIT_MS);
  const aborted = (): void => late.resolve({ kind: "stopped" });
  signal.addEventListener("abort", aborted);
  try {
    const sending = transport.sendMail(toMail(target, message)).then((): Delivered => ({ kind: "sent" }), judge);
    return await Promise.race([sending, late.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    signal.removeEventListener("abort", aborted);
    transport.close();
  }
}

/** No value can begin another header: a subject is one line, and addresses were checked when the rule was read. */
function toMail({ from, to }: EmailTarget, { id, thread, title, text, facts, link, severity }: NotificationMessage) {
  const domain = from.slice(from.indexOf("@") + 1);
  const rows = facts.map(({ name, value }) => `${name}: ${value}`);
  const isUrgent = severity === "critical" || severity === "error";
  return {
    from: { name: "Troupe", address: from },
    to: to.map((address) => ({ name: "", address })),
    subject: toPlainLine(`[Troupe] ${title}`, SUBJECT_MAX_CHARS),
    text: shorten([text, "", ...rows, ...(link === null ? [] : ["", link])].join("\n"), TEXT_MAX_CHARS),
    // The same for every attempt: servers and readers leave out what they have had.
    messageId: `<${id}@${domain}>`,
    references: [`<${Buffer.from(thread).toString("hex").slice(0, 100)}@${domain}>`],
    headers: { "Auto-Submitted": "auto-generated", "X-Troupe-Notification": id, ...(isUrgent && { Importance: "high" }) },
  };
}

function judge(thrown: unknown): Delivered {
  const error = toError(thrown);
  const { code = "", responseCode = 0 } = error as { readonly code?: string; readonly responseCode?: number }; // What nodemailer adds.
  const problem = toPlainLine(error.message, PROBLEM_MAX_CHARS);
  // 4xx is a server's word for later, whatever nodemailer calls it; what has no answer was never asked.
  const isLasting = responseCode >= 500 || (responseCode === 0 && LASTING.has(code));
  return isLasting ? { kind: "refused", problem } : again(problem);
}

function again(problem: string): Delivered {
  return { kind: "again", problem: toPlainLine(problem, PROBLEM_MAX_CHARS), retryAfterMs: null };
}
