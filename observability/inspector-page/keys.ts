/** Keys that work everywhere except where somebody writes. */
export interface KeyActions {
  walk(by: number): void;
  live(): void;
  filter(): void;
  theme(): void;
}

export function bindKeys({ walk, live, filter, theme }: KeyActions): void {
  const actions: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => walk(-1),
    ArrowRight: () => walk(1),
    l: live,
    t: theme,
    "/": filter,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target instanceof HTMLElement ? event.target : null;
    if (field?.matches('input[type="search"], select')) {
      if (event.key === "Escape") field.blur();
      return;
    }
    // A slider moves by itself.
    if (field?.matches('input[type="range"]') && event.key.startsWith("Arrow")) return;
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
