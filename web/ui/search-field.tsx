import { Icon } from "./icon.tsx";

interface SearchFieldProps {
  readonly label: string;
  /** @defaultValue the label */
  readonly placeholder?: string;
  readonly value: string;
  readonly change: (value: string) => void;
  readonly class?: string;
}

/** What `/` leads to. */
export function SearchField({ label, placeholder = label, value, change, class: style = "" }: SearchFieldProps) {
  return (
    <div class={`search ${style}`}>
      <Icon name="search" />
      <input
        type="search"
        data-search=""
        aria-label={label}
        placeholder={placeholder}
        value={value}
        onInput={({ currentTarget }) => change(currentTarget.value)}
      />
    </div>
  );
}
