/** What a page shows while it has nothing to show: it waits, there is nothing, or something is wrong. */
import type { ComponentChildren } from "preact";
import type { Problem } from "../api/problem.ts";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";
import type { Loaded, Loading } from "./use-loaded.ts";

/** Grey lines in the place of what will come. */
export function Skeleton({ lines = 6, says = "Loading" }: { readonly lines?: number; readonly says?: string }) {
  return (
    <div class="skeleton" role="status">
      <span class="hidden">{says}</span>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} class="skeleton-line" aria-hidden="true" />
      ))}
    </div>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly icon?: IconName;
  readonly children?: ComponentChildren;
}

export function Empty({ title, icon = "search", children }: EmptyProps) {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={icon} />
      </span>
      <p class="empty-title">{title}</p>
      {children !== undefined && <div class="soft">{children}</div>}
    </div>
  );
}

export function ProblemBox({ problem, retry }: { readonly problem: Problem; readonly retry?: () => void }) {
  const { title, detail, fix, code, requestId, errors } = problem;
  return (
    <div class="problem" role="alert">
      <p class="problem-title">
        <Icon name="quarantine" /> {title}
      </p>
      <p>{detail}</p>
      {errors.length > 0 && (
        <ul>
          {errors.map(({ message, line, path }, index) => (
            <li key={index}>
              {line !== undefined && <span class="mono">line {line}: </span>}
              {message}
              {path !== undefined && path !== "" && <span class="soft mono"> {path}</span>}
            </li>
          ))}
        </ul>
      )}
      {fix !== null && <p class="problem-fix">{fix}</p>}
      <p class="soft mono small">
        {code}
        {requestId !== null && ` · request ${requestId}`}
      </p>
      {retry !== undefined && (
        <Button icon="retry" run={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

interface LoadProps<T> {
  readonly of: Loading<T>;
  readonly skeleton?: ComponentChildren;
  readonly children: (value: T) => ComponentChildren;
}

/** Shows what was loaded; before it, a skeleton; a problem instead of it, or above what was there before. */
export function Load<T>({ of, skeleton, children }: LoadProps<T>) {
  const state: Loaded<T> = of.state;
  switch (state.kind) {
    case "loading":
      return skeleton ?? <Skeleton />;
    case "failed":
      return <ProblemBox problem={state.problem} retry={of.reload} />;
    case "ready":
      return (
        <>
          {state.problem !== null && (
            <p class="stale" role="status">
              <Icon name="quarantine" /> This is not the latest: {state.problem.detail}
            </p>
          )}
          {children(state.value)}
        </>
      );
  }
}
