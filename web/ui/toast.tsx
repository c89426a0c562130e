/** Short news at the edge of the page, read out by screen readers. What went wrong stays until it is sent away. */
import { signal } from "@preact/signals";
import type { Problem } from "../api/problem.ts";
import { Icon } from "./icon.tsx";

interface Toast {
  readonly id: number;
  readonly tone: "done" | "problem";
  readonly text: string;
  readonly more: string | null;
  readonly link: { readonly to: string; readonly text: string } | null;
}

const DONE_MS = 6_000;
const AT_ONCE_MAX = 4;

const toasts = signal<readonly Toast[]>([]);
let latest = 0;

export function toast(text: string, link: Toast["link"] = null): void {
  const id = add({ tone: "done", text, more: null, link });
  setTimeout(() => dismiss(id), DONE_MS);
}

export function toastProblem({ detail, fix }: Pick<Problem, "detail" | "fix">): void {
  add({ tone: "problem", text: detail, more: fix, link: null });
}

function add(toast: Omit<Toast, "id">): number {
  const id = ++latest;
  const others = toasts.peek().filter(({ text, tone }) => text !== toast.text || tone !== toast.tone);
  toasts.value = [...others, { ...toast, id }].slice(-AT_ONCE_MAX);
  return id;
}

function dismiss(id: number): void {
  toasts.value = toasts.peek().filter((one) => one.id !== id);
}

export function Toasts() {
  const shown = toasts.value;
  return (
    <div class="toasts">
      <div role="status" aria-live="polite">
        {shown.filter(({ tone }) => tone === "done").map(drawn)}
      </div>
      <div role="alert">{shown.filter(({ tone }) => tone === "problem").map(drawn)}</div>
    </div>
  );
}

function drawn({ id, tone, text, more, link }: Toast) {
  return (
    <div key={id} class={`toast ${tone}`}>
      <Icon name={tone === "done" ? "done" : "quarantine"} />
      <div class="toast-text">
        <p>{text}</p>
        {more !== null && <p class="soft">{more}</p>}
        {link !== null && <a href={link.to}>{link.text}</a>}
      </div>
      <button type="button" class="button quiet icon-only" aria-label="Dismiss" onClick={() => dismiss(id)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
