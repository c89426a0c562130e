/** One chip for each family of states that actors are in, with their number; pressed, it leaves the others out. */

import { FAMILIES, type Family, familyOf, signOf } from "../../web/look/look.ts";
import { byId, html } from "./element.ts";

export interface FamilyFilter {
  show(states: readonly string[]): void;
  admits(state: string): boolean;
}

export function createFamilyFilter(changed: () => void): FamilyFilter {
  const place = byId("families");
  const chips = new Map<Family, HTMLButtonElement>();
  let pressed: Family | null = null;

  function chipOf(family: Family): HTMLButtonElement {
    const known = chips.get(family);
    if (known !== undefined) return known;
    const chip = html("button", { type: "button", class: "chip", title: family, "data-family": family });
    chip.addEventListener("click", () => {
      pressed = pressed === family ? null : family;
      changed();
    });
    chip.style.order = String(FAMILIES.indexOf(family));
    chips.set(family, chip);
    return chip;
  }

  return {
    show(states) {
      const counts = new Map<Family, number>();
      for (const state of states) counts.set(familyOf(state), (counts.get(familyOf(state)) ?? 0) + 1);
      if (pressed !== null && !counts.has(pressed)) pressed = null;
      for (const [family, chip] of chips) if (!counts.has(family)) chip.remove();
      for (const [family, count] of counts) {
        const chip = chipOf(family);
        chip.textContent = `${signOf(family)} ${count}`;
        chip.setAttribute("aria-label", `${count} ${family}`);
        chip.setAttribute("aria-pressed", String(family === pressed));
        if (!chip.isConnected) place.append(chip);
      }
    },
    admits: (state) => pressed === null || familyOf(state) === pressed,
  };
}
