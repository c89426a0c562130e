/** A list and what is chosen of it, side by side; on a narrow screen one at a time. */
import type { ComponentChildren } from "preact";
import { Icon } from "./icon.tsx";
import { isNarrow } from "./narrow.ts";
import "./split.css";

interface SplitProps {
  readonly list: ComponentChildren;
  /** Null for nothing chosen. */
  readonly detail: ComponentChildren | null;
  /** What the address names, so that a narrow screen shows it instead of the list. */
  readonly isChosen: boolean;
  /** Back to the list, on a narrow screen. */
  readonly back: { readonly to: string; readonly text: string };
}

export function Split({ list, detail, isChosen, back }: SplitProps) {
  if (isNarrow.value && !isChosen) return <div class="split">{list}</div>;
  return (
    <div class="split">
      {!isNarrow.value && <div class="split-list">{list}</div>}
      <div class="split-detail">
        {isNarrow.value && (
          <a class="split-back" href={back.to}>
            <Icon name="left" />
            {back.text}
          </a>
        )}
        {detail}
      </div>
    </div>
  );
}
