/** Buttons that say why they cannot be pressed, and that cannot be pressed twice while they work. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { problemOf } from "../api/problem.ts";
import { Icon, type IconName } from "./icon.tsx";
import { toastProblem } from "./toast.tsx";

export interface ButtonProps {
  readonly children?: ComponentChildren;
  readonly icon?: IconName;
  /** Its name where it has no words. */
  readonly label?: string;
  readonly tone?: "plain" | "primary" | "danger" | "quiet";
  /** Why not now; null or nothing where it may be pressed. It stays in the tab order, so that everybody can learn why. */
  readonly unless?: string | null | undefined;
  readonly pressed?: boolean;
  readonly expanded?: boolean;
  readonly keys?: string;
  readonly type?: "button" | "submit";
  /** A problem that it throws is shown. */
  readonly run?: () => unknown;
}

export function Button({ children, icon, label, tone = "plain", unless, pressed, expanded, keys, type = "button", run }: ButtonProps) {
  const [isBusy, setBusy] = useState(false);
  const isOff = typeof unless === "string";
  const press = async (): Promise<void> => {
    if (isOff || isBusy || run === undefined) return;
    const working = run();
    if (!(working instanceof Promise)) return;
    setBusy(true);
    try {
      await working;
    } catch (thrown) {
      toastProblem(problemOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  const hint = isOff ? unless : keys === undefined ? label : `${label ?? ""} (${keys})`.trim();
  return (
    <button
      type={type}
      class={`button ${tone}${children === undefined ? " icon-only" : ""}`}
      title={hint}
      aria-label={children === undefined ? label : undefined}
      aria-disabled={isOff || isBusy ? true : undefined}
      aria-description={isOff ? unless : undefined}
      aria-busy={isBusy ? true : undefined}
      aria-pressed={pressed}
      aria-expanded={expanded}
      onClick={type === "submit" && run === undefined ? undefined : () => void press()}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children !== undefined && <span>{children}</span>}
    </button>
  );
}
