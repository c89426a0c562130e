/** Views of one thing, each with an address of its own. */
export interface Tab {
  readonly name: string;
  readonly to: string;
  readonly count?: number;
}

export function Tabs({ label, tabs, current }: { readonly label: string; readonly tabs: readonly Tab[]; readonly current: string }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ name, to, count }) => (
        <a key={name} class="tab" href={to} aria-current={name === current ? "page" : undefined}>
          <span class="tab-name">{name}</span>
          {count !== undefined && <span class="tab-count num">{count}</span>}
        </a>
      ))}
    </nav>
  );
}
