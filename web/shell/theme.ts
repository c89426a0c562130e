/** Light or dark: what the system says, until the user says otherwise. */
import { computed, effect, signal } from "@preact/signals";

const KEY = "troupe.theme";
const chosen = signal<string | null>(null);
const system = signal(false);
export const isDark = computed(() => (chosen.value === null ? system.value : chosen.value === "dark"));

export function toggleTheme(): void {
  chosen.value = isDark.peek() ? "light" : "dark";
  localStorage.setItem(KEY, chosen.value);
}

export function listenToTheme(): void {
  chosen.value = localStorage.getItem(KEY);
  const query = matchMedia("(prefers-color-scheme: dark)");
  system.value = query.matches;
  query.addEventListener("change", ({ matches }) => {
    system.value = matches;
  });
  effect(() => {
    document.documentElement.dataset.theme = isDark.value ? "dark" : "light";
  });
}
