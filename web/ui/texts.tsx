/** Small pieces of text that many pages show in the same way. */
import { useState } from "preact/hooks";
import { ago, dateTime, duration, money, shortId } from "./format.ts";
import { Icon } from "./icon.tsx";
import { now } from "./now.ts";

/** How long ago, with the full time for who points at it. */
export function Time({ at }: { readonly at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={dateTime(at)}>
      {ago(at, now.value)}
    </time>
  );
}

/** From then until the end; without an end it counts on. */
export function Elapsed({ from, to }: { readonly from: number; readonly to: number | null }) {
  return <span class="num">{duration(Math.max(0, (to ?? now.value) - from))}</span>;
}

export function Money({ usd }: { readonly usd: number }) {
  return (
    <span class={usd === 0 ? "num faint" : "num"} title={`${usd} USD`}>
      {money(usd)}
    </span>
  );
}

/** An id, shortened, which a click copies whole. */
export function CopyId({ id, text = shortId(id) }: { readonly id: string; readonly text?: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(id);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <button type="button" class="copy-id mono" title={`Copy ${id}`} onClick={() => void copy().catch(() => {})}>
      <span class="copy-text">{text}</span>
      <Icon name={isCopied ? "done" : "copy"} />
      <span class="hidden" role="status">
        {isCopied ? "Copied" : ""}
      </span>
    </button>
  );
}

/** Any JSON as text: never markup, whatever it says (S-39). */
export function JsonText({ value, label }: { readonly value: unknown; readonly label: string }) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a section could not keep the line breaks
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
    <pre class="json" role="region" aria-label={label} tabIndex={0}>
      {text}
    </pre>
  );
}

interface ProgressProps {
  readonly done: number;
  readonly total: number;
  readonly percent: number;
  readonly state: string;
}

/** A bar, and the numbers behind it. */
export function Progress({ done, total, percent, state }: ProgressProps) {
  return (
    <span class="progress" data-state={state} title={`${done} of ${total} steps`}>
      <progress max={100} value={percent} aria-label={`${done} of ${total} steps`} />
      <span class="num progress-text">{percent}%</span>
    </span>
  );
}
