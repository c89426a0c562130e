import { useEffect, useState } from "preact/hooks";
import { signOut, whoami } from "../api/session.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { showKeys } from "./key-help.tsx";
import { PAGES } from "./pages.ts";
import { place } from "./router.ts";
import { isDark, toggleTheme } from "./theme.ts";

export function Navigation() {
  const [isOpen, setOpen] = useState(false);
  const { path } = place.value;
  useEffect(() => setOpen(false), [path]);
  return (
    <header class={isOpen ? "side open" : "side"}>
      <div class="side-top">
        <a class="brand" href="/runs">
          <img src="/icon.svg" alt="" width="22" height="22" />
          Troupe
        </a>
        <span class="menu-button">
          <Button icon="menu" label="Menu" tone="quiet" expanded={isOpen} run={() => setOpen(!isOpen)} />
        </span>
      </div>
      <nav class="side-nav" aria-label="Pages">
        {PAGES.flatMap(({ nav }) =>
          nav === undefined
            ? []
            : [
                <a
                  key={nav.to}
                  href={nav.to}
                  aria-current={isWithin(path, nav.to) ? "page" : undefined}
                  title={`${nav.name} (g ${nav.key})`}
                >
                  <Icon name={nav.icon} />
                  {nav.name}
                </a>,
              ],
        )}
      </nav>
      <div class="side-foot">
        <Who />
        <div class="row">
          <Button
            icon={isDark.value ? "sun" : "moon"}
            label={isDark.value ? "Light colours" : "Dark colours"}
            keys="t"
            tone="quiet"
            run={toggleTheme}
          />
          <Button icon="keyboard" label="Keys" keys="?" tone="quiet" run={() => showKeys()} />
          <Button icon="leave" label="Sign out" tone="quiet" run={signOut} />
        </div>
      </div>
    </header>
  );
}

function Who() {
  const view = whoami.value;
  if (view === null) return null;
  return (
    <p class="who" title={`Version ${view.version}`}>
      <span class="ellipsis">{view.name}</span>
      <span class="soft small ellipsis">
        {view.role} · {view.tenant}
      </span>
    </p>
  );
}

function isWithin(path: string, to: string): boolean {
  return path === to || path.startsWith(`${to}/`);
}
