/** Slack, by an incoming webhook and Block Kit. */
import { shorten } from "../../core/plain-text.ts";
import type { NotificationMessage, Notifier, Severity } from "../../ports/notifier.ts";
import { type PostMeans, post } from "./post.ts";

/** Limits of Block Kit: a header, a section's text, one field, and the fields of a section. */
const HEADER_MAX_CHARS = 150;
const TEXT_MAX_CHARS = 3_000;
const FIELD_MAX_CHARS = 2_000;
const FIELDS_MAX = 10;

const SIGNS: Readonly<Record<Severity, string>> = { info: "ℹ️", warning: "⚠️", error: "❌", critical: "🚨" };

/** @param url is a secret: whoever knows it may write into the channel */
export function createSlackNotifier(means: PostMeans, url: () => string): Notifier {
  return {
    channel: "slack",
    escape: toMarkup,
    send: async (message, signal) => post(means, { url: url(), body: JSON.stringify(toPayload(message)) }, signal),
  };
}

/** The three characters that begin Slack's markup for links, mentions and entities. */
function toMarkup(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function toPayload({ title, text, facts, link, severity }: NotificationMessage) {
  const heading = `${SIGNS[severity]} ${title}`;
  const fields = facts.slice(0, FIELDS_MAX).map(({ name, value }) => ({
    type: "mrkdwn",
    text: whole(`*${toMarkup(name)}*\n${toMarkup(value)}`, FIELD_MAX_CHARS),
    verbatim: true,
  }));
  return {
    // What notifications of the system show, and old clients.
    text: whole(toMarkup(heading), TEXT_MAX_CHARS),
    blocks: [
      { type: "header", text: { type: "plain_text", text: shorten(heading, HEADER_MAX_CHARS), emoji: true } },
      // Verbatim: what looks like a channel, a name or an address becomes no link.
      { type: "section", text: { type: "mrkdwn", text: whole(text, TEXT_MAX_CHARS), verbatim: true } },
      ...(fields.length > 0 ? [{ type: "section", fields }] : []),
      ...(link === null
        ? []
        : [{ type: "actions", elements: [{ type: "button", text: { type: "plain_text", text: "Open in Troupe" }, url: link }] }]),
    ],
  };
}

/** Half an entity would show as it is written. */
function whole(text: string, maxChars: number): string {
  if (text === "") return " ";
  return text.length <= maxChars ? text : shorten(text, maxChars).replace(/&[a-z]{0,4}…$/, "…");
}
