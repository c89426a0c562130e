/** The outline that every page has: a heading, what can be done, what there is. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

interface PageProps {
  readonly title: string;
  /** In the heading instead of the title's text. */
  readonly heading?: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** Under the heading: filters, tabs. */
  readonly below?: ComponentChildren;
  /** Fills the height, and scrolls inside by itself. */
  readonly isFilled?: boolean;
  readonly children: ComponentChildren;
}

export function Page({ title, heading, actions, below, isFilled = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Troupe`;
  }, [title]);
  return (
    <div class={isFilled ? "page filled" : "page"}>
      <header class="page-header">
        <div class="page-heading">
          <h1 tabIndex={-1}>{heading ?? title}</h1>
          {actions !== undefined && <div class="page-actions">{actions}</div>}
        </div>
        {below}
      </header>
      <div class="page-content">{children}</div>
    </div>
  );
}
