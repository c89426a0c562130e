/** Microsoft Teams, by a webhook of its Workflows and an Adaptive Card. */
import { shorten } from "../../core/plain-text.ts";
import type { NotificationMessage, Notifier, Severity } from "../../ports/notifier.ts";
import { type PostMeans, post } from "./post.ts";

/** A message has at most 28 KB; what is longest here is cut so that the whole stays below, whatever its characters. */
const TITLE_MAX_CHARS = 250;
const TEXT_MAX_CHARS = 4_000;
const FACT_MAX_CHARS = 250;
const FACTS_MAX = 10;

const COLOURS: Readonly<Record<Severity, string>> = { info: "Default", warning: "Warning", error: "Attention", critical: "Attention" };

/** @param url is a secret: whoever knows it may write into the channel */
export function createTeamsNotifier(means: PostMeans, url: () => string): Notifier {
  return {
    channel: "teams",
    escape: toMarkdown,
    send: async (message, signal) => post(means, { url: url(), body: JSON.stringify(toPayload(message)) }, signal, refusalIn),
  };
}

/** The older kind of webhook answers 200 also where Teams itself refused the message. */
function refusalIn(text: string): string | null {
  return /(?:returned HTTP error \d{3}|delivery failed)/i.exec(text) === null ? null : text;
}

/** Characters of the Markdown that cards know; and the beginning of `{{DATE(…)}}`. */
function toMarkdown(value: string): string {
  return value
    .replace(/[\\`*_[\]()#+~|>!-]/g, (char) => `\\${char}`)
    .replaceAll("<", "&lt;")
    .replaceAll("{{", "{ {");
}

function toPayload({ title, text, facts, link, severity }: NotificationMessage) {
  const rows = facts.slice(0, FACTS_MAX).map(({ name, value }) => ({ title: name, value: toMarkdown(shorten(value, FACT_MAX_CHARS)) }));
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          body: [
            {
              type: "TextBlock",
              text: toMarkdown(shorten(title, TITLE_MAX_CHARS)),
              wrap: true,
              weight: "Bolder",
              size: "Medium",
              color: COLOURS[severity],
            },
            // A single line end is none in Markdown.
            { type: "TextBlock", text: shorten(text, TEXT_MAX_CHARS).replaceAll("\n", "\n\n"), wrap: true },
            ...(rows.length > 0 ? [{ type: "FactSet", facts: rows }] : []),
          ],
          ...(link !== null && { actions: [{ type: "Action.OpenUrl", title: "Open in Troupe", url: link }] }),
          msteams: { width: "Full" },
        },
      },
    ],
  };
}
