import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../../ui/button.tsx";
import { bytes, count, many } from "../../../ui/format.ts";
import { useScrolled } from "../../../ui/scrolled.ts";
import { ProblemBox } from "../../../ui/states.tsx";
import { toast } from "../../../ui/toast.tsx";
import { windowOf } from "../../../ui/window.ts";
import type { AnsiSpan, AnsiStyle } from "./ansi.ts";
import { useLog } from "./use-log.ts";
import "./log.css";

interface LogViewProps {
  readonly run: string;
  readonly step: string;
  readonly attempts: readonly number[];
}

const LINE_HEIGHT = 18;

export function LogView({ run, step, attempts }: LogViewProps) {
  const latest = attempts.at(-1) ?? 1;
  const [chosen, setChosen] = useState<number | null>(null);
  const [picked, setStream] = useState<"stdout" | "stderr" | null>(null);
  const [follows, setFollows] = useState(true);
  const attempt = chosen ?? latest;
  const [isSilent, setSilent] = useState<number | null>(null);
  // Who has not picked one sees where something was printed.
  const stream = picked ?? (isSilent === attempt ? "stderr" : "stdout");
  const log = useLog({ run, step, attempt, stream, follows });
  const isEmpty = picked === null && stream === "stdout" && log.hasEnded && log.lines.count === 0;
  useEffect(() => {
    if (isEmpty) setSilent(attempt);
  }, [isEmpty, attempt]);
  return (
    <section class="log" aria-label="Log">
      <div class="log-tools">
        <h3 class="grow">Log</h3>
        {attempts.length > 1 && (
          <select aria-label="Attempt" value={String(attempt)} onChange={({ currentTarget: { value } }) => setChosen(Number(value))}>
            {attempts.map((one) => (
              <option key={one} value={String(one)}>
                attempt {one}
              </option>
            ))}
          </select>
        )}
        <select
          aria-label="Stream"
          value={stream}
          onChange={({ currentTarget: { value } }) => setStream(value === "stderr" ? "stderr" : "stdout")}
        >
          <option value="stdout">stdout</option>
          <option value="stderr">stderr</option>
        </select>
        {!log.hasEnded && (
          <Button pressed={follows} run={() => setFollows(!follows)}>
            Follow
          </Button>
        )}
        <Button
          icon="copy"
          label="Copy what is loaded"
          run={async () => {
            await navigator.clipboard.writeText(log.lines.text());
            toast("The log is copied.");
          }}
        />
      </div>
      {log.problem !== null && log.problem.code !== "STEP_NOT_FOUND" && <ProblemBox problem={log.problem} retry={log.more} />}
      {log.lines.count > 0 && <Lines key={`${attempt} ${stream}`} log={log} follows={follows} stopFollowing={() => setFollows(false)} />}
      <p class="soft small log-foot" role="status">
        {log.lines.count === 0
          ? log.isAtEnd || log.problem !== null
            ? `Nothing on ${stream}.`
            : "Reading …"
          : `${many(log.lines.first + log.lines.count, "line")}, ${bytes(log.bytes)}${log.isAtEnd ? "" : " so far"}`}
        {log.lines.first > 0 && ` · the first ${count(log.lines.first)} were let go`}
      </p>
    </section>
  );
}

interface LinesProps {
  readonly log: ReturnType<typeof useLog>;
  readonly follows: boolean;
  readonly stopFollowing: () => void;
}

function Lines({ log, follows, stopFollowing }: LinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const before = useRef(0);
  const { lines } = log;
  const count = lines.count;
  const { top, view } = useScrolled(scroller, ({ scrollTop, clientHeight, scrollHeight }) => {
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - 2 * LINE_HEIGHT;
    // Whoever scrolls back wants to read.
    if (scrollTop < before.current && !isAtEnd) stopFollowing();
    before.current = scrollTop;
    if (isAtEnd && !log.isAtEnd) log.more();
  });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && follows && !log.hasEnded) element.scrollTop = element.scrollHeight;
  }, [count, follows]);
  const { from, to } = windowOf(top, view, LINE_HEIGHT, count);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
    <div class="log-lines" ref={scroller} tabIndex={0} role="log" aria-label="What it printed" aria-live="off">
      <div class="log-space" style={{ height: `${count * LINE_HEIGHT}px` }}>
        <div class="log-seen" style={{ transform: `translateY(${from * LINE_HEIGHT}px)` }}>
          {Array.from({ length: to - from }, (_, index) => {
            const number = lines.first + from + index + 1;
            return (
              <div key={number} class="log-line">
                <span class="log-number" aria-hidden="true">
                  {number}
                </span>
                <span class="log-text">{lines.line(from + index).map(drawn)}</span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Texts and classes only: what was printed can be nothing else (S-39). */
function drawn({ text, style }: AnsiSpan, index: number) {
  const names = classesOf(style);
  return names === "" ? (
    text
  ) : (
    <span key={index} class={names}>
      {text}
    </span>
  );
}

function classesOf({ colour, ground, isBold, isDim, isItalic, isUnderlined, isInverse }: AnsiStyle): string {
  const names: string[] = [];
  // A letter on a ground of its own is black or white, so that it can be read whatever its colour was.
  if (ground !== null || isInverse) names.push(`on-${ground ?? colour ?? 7}`);
  else if (colour !== null) names.push(`ink-${colour}`);
  if (isBold) names.push("bold");
  if (isDim) names.push("dim");
  if (isItalic) names.push("italic");
  if (isUnderlined) names.push("underlined");
  return names.join(" ");
}
