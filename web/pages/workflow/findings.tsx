/** What is to be said about a workflow's text, each with its place and what to do. */
import type { FindingView } from "../../../src/contract/finding-view.ts";
import { Marked } from "../../ui/marked.tsx";

interface FindingsProps {
  readonly findings: readonly FindingView[];
  /** Shows the place. */
  readonly goTo?: (line: number, column: number) => void;
}

const LOOKS = {
  error: { family: "failed", sign: "✗" },
  warning: { family: "waiting", sign: "!" },
  info: { family: "running", sign: "i" },
} as const;

export function Findings({ findings, goTo }: FindingsProps) {
  return (
    <ul class="findings" aria-label="Findings">
      {findings.map(({ code, severity, message, path, line, column, fix }, index) => (
        <li key={index} data-family={LOOKS[severity].family}>
          <span class="state-mark" role="img" aria-label={severity}>
            {LOOKS[severity].sign}
          </span>
          <div class="finding-text">
            <p>
              <Marked text={message} />
            </p>
            {fix !== null && (
              <p class="soft">
                <Marked text={fix} />
              </p>
            )}
            <p class="soft small">
              {line !== null && goTo !== undefined && (
                <button type="button" class="link" onClick={() => goTo(line, column ?? 1)}>
                  line {line}
                </button>
              )}
              {line !== null && goTo === undefined && <span>line {line}</span>}
              {path !== null && path !== "" && <code> {path}</code>} <code>{code}</code>
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
