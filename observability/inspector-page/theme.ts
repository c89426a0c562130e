/** Light or dark: what the system says until the user says otherwise. */
import { byId } from "./element.ts";

const KEY = "troupe.inspect.theme";

export function createTheme(): { toggle(): void } {
  const button = byId("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = (): boolean => (localStorage.getItem(KEY) ?? (system.matches ? "dark" : "light")) === "dark";
  const apply = (): void => {
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
    button.setAttribute("aria-pressed", String(isDark()));
  };
  const toggle = (): void => {
    localStorage.setItem(KEY, isDark() ? "light" : "dark");
    apply();
  };
  system.addEventListener("change", apply);
  button.addEventListener("click", toggle);
  apply();
  return { toggle };
}
