/** Keys that do something. Whoever is on the screen registers his; the latest one that knows a key gets it. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

export interface KeyBinding {
  /** As `KeyboardEvent.key` has it, or two of them one after the other: `g r`. */
  readonly keys: string;
  readonly says: string;
  run(): void;
}

interface Layer {
  readonly group: string;
  readonly bindings: readonly KeyBinding[];
}

/** The latest last. */
export const layers = signal<readonly Layer[]>([]);

/** So long a second key may take. */
const SEQUENCE_MS = 1_000;

function addKeys(group: string, bindings: readonly KeyBinding[]): () => void {
  const layer = { group, bindings };
  layers.value = [...layers.peek(), layer];
  return () => {
    layers.value = layers.peek().filter((one) => one !== layer);
  };
}

/** While the component is on the screen. What the bindings do may change with each rendering, their keys may not. */
export function useKeys(group: string, bindings: readonly KeyBinding[]): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  useEffect(
    () =>
      addKeys(
        group,
        bindings.map(({ keys, says }, index) => ({ keys, says, run: () => latest.current[index]?.run() })),
      ),
    [group],
  );
}

/** The binding of these keys, and whether they are the beginning of a longer one. */
export function findBinding(all: readonly Layer[], typed: string): { readonly binding: KeyBinding | null; readonly isBegin: boolean } {
  const bindings = all.flatMap((layer) => layer.bindings).toReversed();
  return {
    binding: bindings.find(({ keys }) => keys === typed) ?? null,
    isBegin: bindings.some(({ keys }) => keys.startsWith(`${typed} `)),
  };
}

export function listenToKeys(): void {
  let before = "";
  let since = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event)) return;
    if (document.querySelector("dialog:modal") !== null) return;
    const started = performance.now() - since < SEQUENCE_MS ? before : "";
    const typed = started === "" ? event.key : `${started} ${event.key}`;
    const { binding, isBegin } = findBinding(layers.peek(), typed);
    before = isBegin ? typed : "";
    since = performance.now();
    if (binding === null) return;
    event.preventDefault();
    binding.run();
  });
}

/** In a field every key is a letter, but Escape leaves it. On what is pressed with Enter or Space, these stay its own. */
function isTyping({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const isField = target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=range])");
  if (isField && key === "Escape") target.blur();
  if (isField) return true;
  if (target.matches("input[type=range]") && /^(Arrow|Home|End|Page)/.test(key)) return true;
  return (key === "Enter" || key === " ") && target.matches("button, a, summary, input, [role=tab]");
}
