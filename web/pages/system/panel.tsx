import type { ComponentChildren } from "preact";

interface PanelProps {
  readonly title: string;
  readonly badge?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Panel({ title, badge, children }: PanelProps) {
  return (
    <section class="panel" aria-label={title}>
      <header>
        <h2 class="grow">{title}</h2>
        {badge}
      </header>
      <div class="panel-body stack">{children}</div>
    </section>
  );
}

export function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
