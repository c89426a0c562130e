import { familyOf, signOf, wordOf } from "../look/look.ts";

/** A state as colour, sign and word. `detail` is dotted, such as `running.stopping`. */
export function StateBadge({ state, detail }: { readonly state: string; readonly detail?: string | undefined }) {
  const shown = detail === undefined || detail === "" ? state : detail;
  const words = wordFor(shown);
  return (
    <span class="badge" data-family={familyOf(shown)} title={shown === words ? undefined : shown}>
      <span class="badge-sign" aria-hidden="true">
        {signOf(shown)}
      </span>
      {words}
    </span>
  );
}

/** What runs is running, whatever its statechart calls it. */
const wordFor = (state: string): string => (/\bexecuting$/.test(state) ? "running" : wordOf(state));

/** Sign and colour only, for a list that has no room for words; the word is there for who listens. */
export function StateMark({ state }: { readonly state: string }) {
  return (
    <span class="state-mark" data-family={familyOf(state)} role="img" aria-label={wordFor(state)} title={wordFor(state)}>
      {signOf(state)}
    </span>
  );
}
