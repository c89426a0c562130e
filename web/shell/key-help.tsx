import { signal } from "@preact/signals";
import { Dialog } from "../ui/dialog.tsx";
import { layers } from "./keys.ts";

const isShown = signal(false);

export function showKeys(shows = true): void {
  isShown.value = shows;
}

export function KeyHelp() {
  if (!isShown.value) return null;
  const groups = new Map<string, readonly { readonly keys: string; readonly says: string }[]>();
  for (const { group, bindings } of layers.value) groups.set(group, [...(groups.get(group) ?? []), ...bindings]);
  return (
    <Dialog title="Keys" isWide close={() => showKeys(false)}>
      <div class="key-help">
        {[...groups].map(([group, bindings]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {bindings.map(({ keys, says }) => (
                <div key={keys}>
                  <dt>
                    {keys.split(" ").map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{says}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
