/** Questions before something that cannot be taken back. `<dialog>` keeps the focus inside, and Escape answers no. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "./button.tsx";

export interface Question {
  readonly title: string;
  readonly body?: ComponentChildren;
  /** What the button that says yes does: a verb. */
  readonly yes: string;
  readonly tone?: "primary" | "danger";
  readonly fields?: readonly QuestionField[];
}

export interface QuestionField {
  readonly name: string;
  readonly label: string;
  readonly kind?: "text" | "long" | "choice";
  readonly required?: boolean;
  readonly value?: string;
  readonly placeholder?: string;
  readonly choices?: readonly { readonly value: string; readonly text: string }[];
}

export type Answers = Readonly<Record<string, string>>;

interface Asked extends Question {
  readonly answer: (answers: Answers | null) => void;
}
const asked = signal<Asked | null>(null);

/** Null for no. Texts that are empty are left out of the answers. */
export function ask(question: Question): Promise<Answers | null> {
  asked.peek()?.answer(null);
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer(answers) {
        asked.value = null;
        resolve(answers);
      },
    };
  });
}

export function QuestionDialog() {
  const question = asked.value;
  return question === null ? null : <Questioning {...question} />;
}

function Questioning({ title, body, yes, tone = "primary", fields = [], answer }: Asked) {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement); // It is the form below.
    const answers: Record<string, string> = {};
    for (const { name } of fields) {
      const value = String(data.get(name) ?? "").trim();
      if (value !== "") answers[name] = value;
    }
    answer(answers);
  };
  return (
    <Dialog title={title} close={() => answer(null)}>
      <form onSubmit={submit}>
        {body !== undefined && <div class="dialog-body">{body}</div>}
        {fields.map((field) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: `input` makes it
          <label key={field.name} class="field">
            <span>
              {field.label}
              {field.required !== true && <span class="soft"> (optional)</span>}
            </span>
            {input(field)}
          </label>
        ))}
        <div class="dialog-actions">
          <Button run={() => answer(null)}>Keep as it is</Button>
          <Button type="submit" tone={tone}>
            {yes}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function input({ name, kind = "text", required, value, placeholder, choices = [] }: QuestionField) {
  if (kind === "long") return <textarea name={name} required={required} placeholder={placeholder} rows={3} defaultValue={value ?? ""} />;
  if (kind === "choice")
    return (
      <select name={name} required={required} value={value ?? ""}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.text}
          </option>
        ))}
      </select>
    );
  return <input name={name} required={required} placeholder={placeholder} defaultValue={value ?? ""} autocomplete="off" />;
}

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly isWide?: boolean;
  readonly close: () => void;
}

export function Dialog({ title, children, isWide = false, close }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside it; Escape does the same
    <dialog
      ref={element}
      class={isWide ? "dialog wide" : "dialog"}
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) close();
      }}
    >
      <div class="dialog-inner">
        <header class="dialog-header">
          <h2 id="dialog-title">{title}</h2>
          <Button icon="close" label="Close" tone="quiet" run={close} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
