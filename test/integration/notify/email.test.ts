import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { describe, expect, onTestFinished, test } from "vitest";
import { findAddress } from "../../../src/adapters/http-undici/find-address.ts";
import { createEmailNotifier } from "../../../src/adapters/notify-smtp/email.ts";
import type { NotifyTarget } from "../../../src/plan/notify-rule.ts";
import type { NotificationMessage } from "../../../src/ports/notifier.ts";
import { selfSigned } from "../../support/self-signed.ts";

const NAME = "mail.example.org";
const PASSWORD = "CANARY-correct-horse";
const certificate = selfSigned(NAME);

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

const message: NotificationMessage = {
  id: "msg_0123",
  action: "trigger",
  thread: "run:run_1",
  severity: "error",
  title: "nightly failed",
  text: "nightly failed.",
  facts: [{ name: "Run", value: "run_1" }],
  link: "https://troupe.example.org/runs/run_1",
  at: 0,
  type: "run.failed",
  data: {},
};
const never = new AbortController().signal;

async function startServer(options: SMTPServerOptions = {}) {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    ...certificate,
    onAuth: ({ username, password }, _session, done) =>
      password === PASSWORD ? done(null, { user: username }) : done(new Error("Invalid login")),
    onData(stream, { envelope, secure, user }, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(chunks).toString(), secure, user });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => {}); // Clients that hang up.
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", () => resolve()));
  onTestFinished(() => void server.close(() => {}));
  return { mails, port: (server.server.address() as AddressInfo).port }; // It listens.
}

type Target = Extract<NotifyTarget, { channel: "email" }>;

function notifier(
  port: number,
  more: Partial<Target> = {},
  { password = PASSWORD, ca = [certificate.cert] }: { password?: string; ca?: readonly string[] } = {},
) {
  const login = { user: "troupe", password: { kind: "env", name: "P" } } as const;
  const target: Target = {
    channel: "email",
    host: NAME,
    port,
    tls: "starttls",
    login,
    from: "troupe@example.org",
    to: ["ann@example.org", "bob@example.org"],
    ...more,
  };
  const resolve = (_name: string, done: (error: null, addresses: { address: string; family: number }[]) => void) =>
    done(null, [{ address: "127.0.0.1", family: 4 }]);
  return createEmailNotifier({ target, password: () => password, findAddress: (host) => findAddress(host, "private", resolve), ca });
}

describe("e-mail", () => {
  test("goes out encrypted and with a login, to everybody named", async () => {
    const { mails, port } = await startServer();
    expect(await notifier(port).send(message, never)).toEqual({ kind: "sent" });
    expect(mails).toMatchObject([{ from: "troupe@example.org", to: ["ann@example.org", "bob@example.org"], secure: true, user: "troupe" }]);
    const [{ text }] = mails as [Mail];
    expect(text).toContain("Subject: [Troupe] nightly failed");
    expect(text).toContain("Message-ID: <msg_0123@example.org>");
    expect(text).toContain("Auto-Submitted: auto-generated");
    expect(text).toContain("https://troupe.example.org/runs/run_1");
  });

  test("goes over TLS from the first byte where its rule says so", async () => {
    const { mails, port } = await startServer({ secure: true });
    expect(await notifier(port, { tls: "implicit" }).send(message, never)).toEqual({ kind: "sent" });
    expect(mails).toMatchObject([{ secure: true }]);
  });

  test("says nothing to a server that offers no encryption, and gives it no password", async () => {
    const { mails, port } = await startServer({ hideSTARTTLS: true, disabledCommands: ["STARTTLS"] });
    expect(await notifier(port).send(message, never)).toMatchObject({ kind: "refused", problem: expect.stringContaining("STARTTLS") });
    expect(mails).toEqual([]);
  });

  test("says nothing to a server whose certificate nobody vouches for", async () => {
    const { mails, port } = await startServer();
    expect(await notifier(port, {}, { ca: [] }).send(message, never)).toMatchObject({
      kind: "again",
      problem: expect.stringMatching(/self-signed/),
    });
    expect(mails).toEqual([]);
  });

  test("with a wrong password is refused, and repeats no password", async () => {
    const { port } = await startServer();
    const answer = await notifier(port, {}, { password: "CANARY-wrong" }).send(message, never);
    expect(answer).toMatchObject({ kind: "refused", problem: expect.stringContaining("Invalid login") });
    expect(JSON.stringify(answer)).not.toContain("CANARY");
  });

  test.each([
    [451, "again"],
    [550, "refused"],
  ] as const)("that a server answers with %d is tried %s", async (responseCode, kind) => {
    const { port } = await startServer({
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error("no such box"), { responseCode })),
    });
    expect(await notifier(port).send(message, never)).toMatchObject({ kind });
  });

  test("lets no value begin another header or another mail", async () => {
    const { mails, port } = await startServer();
    const hostile = "x\r\nBcc: evil@example.org\r\n\r\n.\r\nMAIL FROM:<evil@example.org>\u0000\u202e";
    expect(
      await notifier(port).send(
        { ...message, title: hostile, text: hostile, thread: hostile, facts: [{ name: "a", value: hostile }] },
        never,
      ),
    ).toEqual({ kind: "sent" });
    expect(mails).toHaveLength(1);
    const [{ text, to }] = mails as [Mail];
    expect(to).toHaveLength(2);
    const head = text.slice(0, text.indexOf("\r\n\r\n"));
    expect(head).not.toMatch(/^(?:bcc|mail from)/im);
  });

  test("goes to no address that the policy keeps from everybody (S-19)", async () => {
    const target: Target = {
      channel: "email",
      host: "127.0.0.1",
      port: 1,
      tls: "starttls",
      login: null,
      from: "a@example.org",
      to: ["b@example.org"],
    };
    const guarded = createEmailNotifier({ target, password: () => "", findAddress: (host) => findAddress(host, "public") });
    expect(await guarded.send(message, never)).toMatchObject({ kind: "refused", problem: expect.stringContaining("private network") });
  });

  test("to a server that never answers ends when somebody says so", async () => {
    const { port } = await startServer({ onConnect: () => {} });
    const stop = new AbortController();
    const sending = notifier(port).send(message, stop.signal);
    setTimeout(() => stop.abort(), 100);
    expect(await sending).toEqual({ kind: "stopped" });
  });
});
