/** Two texts as one, with what was taken out and what was put in. Signs and words say which, not colours alone. */
import { many } from "../ui/format.ts";
import { type DiffLine, diffLines, foldSame } from "./diff-lines.ts";
import "./text-diff.css";

interface TextDiffProps {
  readonly label: string;
  readonly left: string;
  readonly right: string;
}

const AROUND = 3;
const SIGNS = { same: " ", added: "+", removed: "−" } as const;

export function TextDiff({ label, left, right }: TextDiffProps) {
  const lines = diffLines(left, right);
  const added = lines.filter(({ kind }) => kind === "added").length;
  const removed = lines.filter(({ kind }) => kind === "removed").length;
  if (added + removed === 0) return <p class="soft">Nothing differs.</p>;
  return (
    <figure class="diff" aria-label={label}>
      <figcaption class="small soft">
        {many(added, "line")} added, {many(removed, "line")} removed
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard */}
      <div class="diff-lines mono" tabIndex={0}>
        {foldSame(lines, AROUND).map((part, index) =>
          part.kind === "gap" ? (
            <p key={index} class="diff-gap">
              {many(part.count, "line")} alike
            </p>
          ) : (
            part.lines.map((line) => <Line key={`${line.left}/${line.right}`} line={line} />)
          ),
        )}
      </div>
    </figure>
  );
}

function Line({ line: { kind, text, left, right } }: { readonly line: DiffLine }) {
  return (
    <div class={`diff-line ${kind}`}>
      <span class="diff-number" aria-hidden="true">
        {left}
      </span>
      <span class="diff-number" aria-hidden="true">
        {right}
      </span>
      <span aria-hidden="true">{SIGNS[kind]}</span>
      <span class="diff-text">
        {kind !== "same" && <span class="hidden">{kind}: </span>}
        {text}
      </span>
    </div>
  );
}
