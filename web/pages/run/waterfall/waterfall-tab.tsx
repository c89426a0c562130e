/** Where the time went: a bar a step, its parts coloured and patterned by what it did. */
import { useMemo, useRef, useState } from "preact/hooks";
import type { EventView } from "../../../../src/contract/event-view.ts";
import type { RunReport } from "../../../../src/contract/run-report.ts";
import type { RunAnswer } from "../../../../src/contract/run-view.ts";
import { get } from "../../../api/request.ts";
import { StateMark } from "../../../ui/badge.tsx";
import { dateTime, duration, money } from "../../../ui/format.ts";
import { now } from "../../../ui/now.ts";
import { Empty } from "../../../ui/states.tsx";
import { useLoaded } from "../../../ui/use-loaded.ts";
import { windowOf } from "../../../ui/window.ts";
import { stepAddress } from "../address.ts";
import { rowsOf, type WaterfallRow } from "./rows.ts";
import { createScale, type Scale } from "./scale.ts";
import { type Segment, type SegmentKind, stepTimes } from "./segments.ts";
import "./waterfall.css";
import { useScrolled } from "../../../ui/scrolled.ts";

const WORDS: Readonly<Record<SegmentKind, string>> = {
  blocked: "waits for its needs",
  queue: "waits for a place",
  run: "runs",
  retry: "waits for a retry",
  held: "waits for an answer",
};
const ROW_HEIGHT = 28;

interface WaterfallProps {
  readonly run: RunAnswer;
  readonly events: readonly EventView[];
  readonly chosen: string | null;
}

export function WaterfallTab({ run, events, chosen }: WaterfallProps) {
  const [isFolded, setFolded] = useState(true);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const start = run.startedAt ?? run.createdAt;
  const last = events.at(-1);
  const end = run.endedAt ?? Math.max(now.value, last === undefined ? start : Date.parse(last.at));
  const steps = useMemo(() => stepTimes(events, end), [events, end]);
  const scale = useMemo(() => createScale(steps, start, Math.max(end, start + 1), isFolded), [steps, start, end, isFolded]);
  const rows = useMemo(() => rowsOf(steps, open), [steps, open]);
  if (rows.length === 0) return <Empty title="Nothing has happened yet" icon="schedule" />;
  const toggle = (id: string): void => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  return (
    <div class="waterfall">
      <Figures run={run} />
      <div class="waterfall-legend">
        {(Object.keys(WORDS) as SegmentKind[]).map((kind) => (
          <span key={kind} class="row small soft">
            <span class={`segment sample ${kind}`} aria-hidden="true" />
            {WORDS[kind]}
          </span>
        ))}
        <label class="row small fold-switch">
          <input type="checkbox" checked={isFolded} onChange={() => setFolded(!isFolded)} />
          Fold idle time
        </label>
      </div>
      <Axis scale={scale} start={start} />
      <Rows rows={rows} scale={scale} start={start} chosen={chosen} toggle={toggle} />
    </div>
  );
}

/** What the whole of it amounts to. */
function Figures({ run }: { readonly run: RunAnswer }) {
  const report = useLoaded(`stats ${run.id} ${run.endedAt === null ? run.progress.done : "end"}`, (signal) =>
    get<RunReport>(`/runs/${run.id}/stats`, { signal }),
  );
  if (report.state.kind !== "ready") return <dl class="facts waterfall-figures" />;
  const { time, parallel, criticalPath, cost, cache } = report.state.value;
  const facts: readonly (readonly [name: string, value: string, title?: string])[] = [
    ["Elapsed", duration(time.elapsedMs)],
    ["Work", duration(time.workMs), "Sum over all attempts"],
    ["Queued", duration(time.queueMs)],
    ["Between retries", duration(time.retryMs)],
    ["Speed-up", `×${parallel.speedup.toFixed(2)}`, `At most ×${parallel.speedupLimit.toFixed(2)} by its longest chain`],
    ["Places used", `${Math.round(parallel.efficiency * 100)}%`, `Of the ${parallel.peak} that were used at once`],
    ["Critical path", criticalPath.steps.map(({ id }) => id).join(" → ") || "–", duration(criticalPath.totalMs)],
    ...(cache.reusedSteps > 0 ? [["Reused", String(cache.reusedSteps)] as const] : []),
    ...(cost.wastedUsd > 0 ? [["Spent in vain", money(cost.wastedUsd)] as const] : []),
  ];
  return (
    <dl class="facts waterfall-figures">
      {facts.map(([name, value, title]) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd class="ellipsis">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

function Axis({ scale, start }: { readonly scale: Scale; readonly start: number }) {
  return (
    <div class="waterfall-axis" aria-hidden="true">
      <span />
      <span class="axis-marks">
        {scale.marks.map((at) => (
          <span key={at} class="axis-mark num" style={{ left: percent(scale.place(at)) }} title={dateTime(at)}>
            {at === start ? "0" : duration(at - start)}
          </span>
        ))}
        {scale.folds.map(({ from, to }) => (
          <span
            key={from}
            class="axis-fold"
            style={{ left: percent(scale.place(from)), width: percent(scale.place(to) - scale.place(from)) }}
            title={`${duration(to - from)} in which nothing ran`}
          />
        ))}
      </span>
    </div>
  );
}

interface RowsProps {
  readonly rows: readonly WaterfallRow[];
  readonly scale: Scale;
  readonly start: number;
  readonly chosen: string | null;
  readonly toggle: (id: string) => void;
}

function Rows({ rows, scale, start, chosen, toggle }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { top, view } = useScrolled(scroller);
  const { from, to } = windowOf(top, view, ROW_HEIGHT, rows.length);
  return (
    <div class="waterfall-rows" ref={scroller}>
      <ul class="waterfall-space" aria-label="Steps in time" style={{ height: `${rows.length * ROW_HEIGHT}px` }}>
        {rows.slice(from, to).map((row, index) => (
          <li
            key={row.id}
            class={`waterfall-row${row.id === chosen ? " current" : ""}${row.parent === null ? "" : " item"}`}
            style={{ transform: `translateY(${(from + index) * ROW_HEIGHT}px)` }}
          >
            <span class="waterfall-name">
              {row.items > 0 && (
                <button
                  type="button"
                  class={row.isOpen ? "unfold open" : "unfold"}
                  aria-expanded={row.isOpen}
                  aria-label={`Items of ${row.id}`}
                  onClick={() => toggle(row.id)}
                >
                  ›
                </button>
              )}
              <StateMark state={row.state} />
              <a href={stepAddress(row.id)} class="ellipsis">
                {row.id}
              </a>
              {row.items > 0 && <span class="soft small num">{row.items}</span>}
            </span>
            <Bar row={row} scale={scale} start={start} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Bar({ row, scale, start }: { readonly row: WaterfallRow; readonly scale: Scale; readonly start: number }) {
  const worked = row.segments.filter(({ kind }) => kind === "run").reduce((sum, { from, to }) => sum + to - from, 0);
  const [begin, end] = [row.segments[0]?.from ?? start, row.segments.at(-1)?.to ?? start];
  // Without room behind the bar it stands before it.
  const isRight = scale.place(end) > 0.9 && scale.place(begin) > 0.1;
  return (
    <span class="waterfall-bar">
      <span class="hidden">{row.segments.map(describe).join(", ")}</span>
      {scale.folds.map(({ from, to }) => (
        <span
          key={from}
          class="fold"
          style={{ left: percent(scale.place(from)), width: percent(scale.place(to) - scale.place(from)) }}
          aria-hidden="true"
        />
      ))}
      {row.segments.map((segment) => (
        <span
          key={segment.from}
          class={`segment ${segment.kind}${isLost(segment, row) ? " bad" : ""}`}
          style={{ left: percent(scale.place(segment.from)), width: percent(scale.place(segment.to) - scale.place(segment.from)) }}
          title={describe(segment)}
          aria-hidden="true"
        />
      ))}
      {worked > 0 && (
        <span
          class={isRight ? "bar-text num before" : "bar-text num"}
          style={{ left: percent(scale.place(isRight ? begin : end)) }}
          aria-hidden="true"
        >
          {duration(worked)}
        </span>
      )}
    </span>
  );
}

/** An attempt that another followed, or that ended its step badly. */
function isLost(segment: Segment, { segments, state }: WaterfallRow): boolean {
  if (segment.kind !== "run") return false;
  return segments.some(({ kind, from }) => kind === "run" && from > segment.from) || (state === "failed" && segment === segments.at(-1));
}

function describe({ kind, from, to, attempt }: Segment): string {
  return `${WORDS[kind]} ${duration(to - from)}${attempt === null || attempt === 0 ? "" : ` (attempt ${attempt})`}`;
}
