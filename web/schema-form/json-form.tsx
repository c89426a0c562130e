/** A form for a value of a schema, or the value as JSON, whichever the user likes. */
import { useEffect, useRef, useState } from "preact/hooks";
import { type Json, parseJson } from "../api/json.ts";
import { inAuthorsOrder } from "./author-order.ts";
import { type Draft, emptyDraft, type FieldProblem, fromJson, toJson } from "./draft.ts";
import { SchemaFields } from "./schema-fields.tsx";
import { type Field, readField } from "./shape.ts";

export interface JsonForm {
  readonly root: string;
  readonly field: Field;
  readonly mode: { readonly kind: "fields"; readonly draft: Draft } | { readonly kind: "text"; readonly text: string };
  readonly problems: readonly FieldProblem[];
}

interface FormStart {
  /** What stands in it at first. */
  readonly given?: Json | undefined;
  /** Text in whose order the members stand. */
  readonly source?: string;
}

/** @param root what the server calls the whole value */
export function openForm(schema: Json, root: string, { given, source = "" }: FormStart = {}): JsonForm {
  const field = inAuthorsOrder(readField(schema), source);
  const draft = given === undefined ? emptyDraft(field) : fromJson(field, given);
  const isPlain = field.shape.kind === "json" || draft === null;
  const text = given === undefined ? "{}" : JSON.stringify(given, null, 2);
  return { root, field, mode: isPlain ? { kind: "text", text } : { kind: "fields", draft }, problems: [] };
}

/** The value, or the form with what is wrong with it. */
export function fill(
  form: JsonForm,
): { readonly kind: "value"; readonly value: Json } | { readonly kind: "wrong"; readonly form: JsonForm } {
  const { root, field, mode } = form;
  if (mode.kind === "fields") {
    const { value, problems } = toJson(field, mode.draft, root);
    return problems.length > 0 || value === undefined ? { kind: "wrong", form: { ...form, problems } } : { kind: "value", value };
  }
  const parsed = parseJson(mode.text);
  if (parsed.kind === "json") return parsed.value === undefined ? { kind: "wrong", form } : { kind: "value", value: parsed.value };
  return { kind: "wrong", form: { ...form, problems: [{ path: root, message: `It is no JSON: ${parsed.message}` }] } };
}

export function JsonFormFields({ form, change }: { readonly form: JsonForm; readonly change: (form: JsonForm) => void }) {
  const { root, field, mode, problems } = form;
  const [notice, setNotice] = useState<string | null>(null);
  const toText = (): void => {
    if (mode.kind !== "fields") return;
    const { value } = toJson(field, mode.draft, root);
    setNotice(null);
    change({ ...form, mode: { kind: "text", text: JSON.stringify(value ?? {}, null, 2) }, problems: [] });
  };
  const toFields = (): void => {
    if (mode.kind !== "text") return;
    const parsed = parseJson(mode.text);
    const draft = parsed.kind === "json" ? fromJson(field, parsed.value) : null;
    setNotice(draft === null ? "The form has no place for all of this, so it stays JSON." : null);
    if (draft !== null) change({ ...form, mode: { kind: "fields", draft }, problems: [] });
  };
  const whole = useRef<HTMLDivElement>(null);
  // Whoever has sent it off is led to the first thing that is wrong.
  useEffect(() => {
    if (problems.length > 0) whole.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [problems]);
  const homeless = problems.filter(({ path }) => mode.kind === "text" || path === root);
  return (
    <div class="json-form" ref={whole}>
      {field.shape.kind !== "json" && (
        <fieldset class="row json-form-modes">
          <legend class="hidden">How to give it</legend>
          <button type="button" class="chip" aria-pressed={mode.kind === "fields"} onClick={toFields}>
            Form
          </button>
          <button type="button" class="chip" aria-pressed={mode.kind === "text"} onClick={toText}>
            JSON
          </button>
        </fieldset>
      )}
      {notice !== null && (
        <p class="soft small" role="status">
          {notice}
        </p>
      )}
      {homeless.length > 0 && (
        <ul class="field-problem" role="alert">
          {homeless.map(({ path, message }) => (
            <li key={path + message}>
              {path !== root && <span class="mono">{path}: </span>}
              {message}
            </li>
          ))}
        </ul>
      )}
      {mode.kind === "fields" ? (
        <SchemaFields
          field={field}
          draft={mode.draft}
          path={root}
          problems={problems}
          change={(draft) => change({ ...form, mode: { kind: "fields", draft }, problems: [] })}
        />
      ) : (
        <textarea
          class="mono"
          aria-label={`${root} as JSON`}
          rows={12}
          spellcheck={false}
          value={mode.text}
          onInput={({ currentTarget }) => change({ ...form, mode: { kind: "text", text: currentTarget.value }, problems: [] })}
        />
      )}
    </div>
  );
}
