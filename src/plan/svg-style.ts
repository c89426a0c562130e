/** Fonts and colours of the SVG picture. */
import type { DrawnStep } from "./drawing.ts";
import { LOOKS, lookOf } from "./looks.ts";

export const SANS = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif";
export const MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";
/** These two are legible on white and on black. */
export const QUIET = "#7d8590";
export const ACCENT = "#e0561b";
/** Inside boxes, which have their own ground. */
export const INK = "#1f2328";
export const INK_QUIET = "#57606a";

/**
 * Colours for readers who prefer dark; without it the light ones stay, which read well there too. Inside a page the style sheet
 * reaches the whole page, hence the prefix.
 */
export function darkStyle(steps: readonly DrawnStep[]): string {
  const names = [...new Set(steps.map((step) => lookOf(step.state)))];
  const rules = names.map((name) => {
    const { darkFill, darkLine } = LOOKS[name];
    return `.tg-box.${name}{fill:${darkFill};stroke:${darkLine}}.tg-sign.${name}{fill:${darkLine}}`;
  });
  return `@media(prefers-color-scheme:dark){${rules.join("")}.tg-box.critical{stroke:${ACCENT}}.tg-id,.tg-head{fill:#e6edf3}.tg-facts{fill:#9da7b3}}`;
}
