import { useEffect, useRef } from "preact/hooks";
import { familyOf, signOf } from "../../look/look.ts";
import { setQuery } from "../../shell/router.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { type Filters, isFiltered, SPANS, STATES } from "./filters.ts";

/** While one types, the list is not asked for at each letter. */
const TYPING_MS = 250;

export function FilterBar({ filters, workflows }: { readonly filters: Filters; readonly workflows: readonly string[] }) {
  const { states, span, from, to } = filters;
  return (
    <search class="filters" aria-label="Runs">
      <div class="search filter-text">
        <Icon name="search" />
        <Typed name="q" label="Search runs" placeholder="Search id or workflow" value={filters.text} isSearch />
      </div>
      <Typed name="workflow" label="Workflow" placeholder="Any workflow" value={filters.workflow} choices={workflows} />
      <select aria-label="Time" value={span} onChange={({ currentTarget: { value } }) => setQuery({ since: value, from: null, to: null })}>
        <option value="">Any time</option>
        {SPANS.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
        <option value="custom">From … to …</option>
      </select>
      {span === "custom" && (
        <>
          <input
            type="datetime-local"
            aria-label="From"
            value={from}
            onChange={({ currentTarget: { value } }) => setQuery({ since: "custom", from: value })}
          />
          <input
            type="datetime-local"
            aria-label="To"
            value={to}
            onChange={({ currentTarget: { value } }) => setQuery({ since: "custom", to: value })}
          />
        </>
      )}
      <fieldset class="filter-states" aria-label="States">
        {STATES.map((state) => (
          <button
            key={state}
            type="button"
            class="chip"
            data-family={familyOf(state)}
            aria-pressed={states.includes(state)}
            onClick={() => setQuery({ state: states.includes(state) ? states.filter((one) => one !== state) : [...states, state] })}
          >
            <span aria-hidden="true">{signOf(state)}</span>
            {state}
          </button>
        ))}
      </fieldset>
      {isFiltered(filters) && (
        <Button icon="close" tone="quiet" run={() => setQuery({ q: null, workflow: null, state: null, since: null, from: null, to: null })}>
          Clear
        </Button>
      )}
    </search>
  );
}

interface TypedProps {
  readonly name: string;
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly choices?: readonly string[];
  readonly isSearch?: boolean;
}

/** A text that goes into the address a moment after the last letter. */
function Typed({ name, label, placeholder, value, choices, isSearch = false }: TypedProps) {
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef(0);
  useEffect(() => {
    // The address may change by other ways: a link, the way back.
    if (input.current !== null && document.activeElement !== input.current) input.current.value = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <>
      <input
        ref={input}
        type={isSearch ? "search" : "text"}
        aria-label={label}
        placeholder={placeholder}
        defaultValue={value}
        list={choices === undefined ? undefined : `${name}-choices`}
        data-search={isSearch ? "" : undefined}
        spellcheck={false}
        autocomplete="off"
        onInput={({ currentTarget }) => {
          clearTimeout(timer.current);
          timer.current = setTimeout(() => setQuery({ [name]: currentTarget.value.trim() }), TYPING_MS);
        }}
      />
      {choices !== undefined && (
        <datalist id={`${name}-choices`}>
          {choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      )}
    </>
  );
}
