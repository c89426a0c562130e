/** Which run is shown: the newest stands first. */

import { wordOf } from "../../web/look/look.ts";
import type { RunLine } from "../inspector/message.ts";
import { byId, html } from "./element.ts";

export interface RunChoice {
  show(runs: readonly RunLine[], chosen: string | null): void;
}

export function createRunChoice(choose: (id: string) => void): RunChoice {
  const select = byId<HTMLSelectElement>("runs");
  let shown = "";
  select.addEventListener("change", () => choose(select.value));
  return {
    show(runs, chosen) {
      const labels = runs.map(({ id, workflow, state }) => `${workflow} · ${id.slice(-6)} · ${wordOf(state)}`);
      const now = JSON.stringify([labels, chosen]);
      // An open list must not be made anew below somebody's pointer.
      if (now === shown) return;
      shown = now;
      select.replaceChildren(...runs.map(({ id }, index) => html("option", { value: id, selected: id === chosen }, labels[index] ?? id)));
      select.disabled = runs.length === 0;
    },
  };
}
