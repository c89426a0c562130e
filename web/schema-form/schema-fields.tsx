/** Fields for a schema, one for each member, with what the schema says of it and what is wrong with what was typed. */
import { useId } from "preact/hooks";
import type { Json } from "../api/json.ts";
import { Button } from "../ui/button.tsx";
import { type Draft, emptyDraft, type FieldProblem, memberPath } from "./draft.ts";
import type { Field, Shape } from "./shape.ts";
import "./schema-form.css";

interface FieldProps {
  readonly field: Field;
  readonly draft: Draft;
  /** As the server writes it: `input.loads[2]`. */
  readonly path: string;
  readonly name: string;
  readonly isRequired: boolean;
  /** Of a list: it is there since somebody has added it. */
  readonly isItem?: boolean;
  readonly problems: readonly FieldProblem[];
  readonly change: (draft: Draft) => void;
}

/** The members of an object, or a single field for a schema that is none. */
export function SchemaFields(props: Omit<FieldProps, "name" | "isRequired">) {
  const { field, draft, path, problems, change } = props;
  if (field.shape.kind !== "object" || draft.kind !== "object") return <OneField {...props} name="Value" isRequired />;
  return <Members shape={field.shape} draft={draft} path={path} problems={problems} change={change} />;
}

interface MembersProps extends Pick<FieldProps, "path" | "problems" | "change"> {
  readonly shape: Extract<Shape, { kind: "object" }>;
  readonly draft: Extract<Draft, { kind: "object" }>;
}

function Members({ shape, draft, path, problems, change }: MembersProps) {
  return (
    <div class="schema-members">
      {shape.members.map(({ name, field, isRequired }) => (
        <OneField
          key={name}
          field={field}
          draft={draft.members[name] ?? emptyDraft(field, isRequired)}
          path={memberPath(path, name)}
          name={name}
          isRequired={isRequired}
          problems={problems}
          change={(next) => change({ kind: "object", members: { ...draft.members, [name]: next } })}
        />
      ))}
    </div>
  );
}

function OneField(props: FieldProps) {
  const { field, draft, path, name, isRequired, isItem, problems, change } = props;
  const { shape, title, description } = field;
  const id = useId();
  const own = problems.filter((one) => one.path === path).map(({ message }) => message);
  const label = (
    <>
      {title ?? name} <Hint field={field} name={name} isRequired={isRequired} isItem={isItem === true} />
    </>
  );
  const notes = (
    <>
      {description !== null && (
        <p class="soft small" id={`${id}-about`}>
          {description}
        </p>
      )}
      {own.length > 0 && (
        <p class="field-problem" id={`${id}-problem`} role="alert">
          {own.join(" ")}
        </p>
      )}
    </>
  );
  if ((shape.kind === "object" && draft.kind === "object") || (shape.kind === "list" && draft.kind === "list"))
    return (
      <fieldset class="schema-group" aria-describedby={described(id, description, own)}>
        <legend>{label}</legend>
        {notes}
        {shape.kind === "object" && draft.kind === "object" && (
          <Members shape={shape} draft={draft} path={path} problems={problems} change={change} />
        )}
        {shape.kind === "list" && draft.kind === "list" && <Items {...props} shape={shape} items={draft.items ?? []} />}
      </fieldset>
    );
  return (
    <div class="schema-field">
      <label for={id}>{label}</label>
      <Input {...props} id={id} describedBy={described(id, description, own)} isWrong={own.length > 0} />
      {notes}
    </div>
  );
}

function described(id: string, description: string | null, problems: readonly string[]): string | undefined {
  const ids = [...(description === null ? [] : [`${id}-about`]), ...(problems.length === 0 ? [] : [`${id}-problem`])];
  return ids.length === 0 ? undefined : ids.join(" ");
}

type HintProps = Pick<FieldProps, "field" | "name" | "isRequired"> & { readonly isItem: boolean };

function Hint({ field: { title, shape, fallback }, name, isRequired, isItem }: HintProps) {
  const limits = shape.kind === "number" ? rangeOf(shape.min, shape.max) : null;
  const words = [
    ...(title === null ? [] : [name]),
    ...(limits === null ? [] : [limits]),
    ...(isRequired ? [] : [fallback === undefined ? "optional" : `default ${JSON.stringify(fallback)}`]),
  ];
  return (
    <>
      {isRequired && !isItem && (
        <span class="needed" title="It is needed">
          *<span class="hidden"> needed</span>
        </span>
      )}{" "}
      {words.length > 0 && <span class="soft small">{words.join(" · ")}</span>}
    </>
  );
}

function rangeOf(min: number | null, max: number | null): string | null {
  if (min !== null && max !== null) return `${min} to ${max}`;
  if (min !== null) return `from ${min}`;
  return max === null ? null : `up to ${max}`;
}

function Items({
  shape,
  items,
  field,
  isRequired,
  path,
  name,
  problems,
  change,
}: FieldProps & { readonly shape: Extract<Shape, { kind: "list" }>; readonly items: readonly Draft[] }) {
  const set = (next: readonly Draft[]): void => {
    const isGiven = next.length > 0 || isRequired || field.fallback !== undefined;
    change({ kind: "list", items: isGiven ? next : null });
  };
  return (
    <div class="schema-items">
      {items.map((item, index) => (
        <div class="schema-item" key={index}>
          <OneField
            field={shape.item}
            draft={item}
            path={`${path}[${index}]`}
            name={`${name} ${index + 1}`}
            isRequired
            isItem
            problems={problems}
            change={(next) => set(items.with(index, next))}
          />
          <Button icon="close" label={`Remove ${name} ${index + 1}`} tone="quiet" run={() => set(items.toSpliced(index, 1))} />
        </div>
      ))}
      <div>
        <Button
          icon="plus"
          unless={shape.max !== null && items.length >= shape.max ? `It takes ${shape.max} at most.` : null}
          run={() => set([...items, emptyDraft(shape.item)])}
        >
          Add {name}
        </Button>
      </div>
    </div>
  );
}

interface InputProps extends FieldProps {
  readonly id: string;
  readonly describedBy: string | undefined;
  readonly isWrong: boolean;
}

const TYPES = { line: "text", date: "date", datetime: "text", email: "email", url: "url" } as const;

function Input({ field: { shape, fallback }, draft, id, describedBy, isWrong, isRequired, change }: InputProps) {
  const shared = {
    id,
    "aria-describedby": describedBy,
    "aria-invalid": isWrong ? true : undefined,
    "aria-required": isRequired ? true : undefined,
  };
  if (draft.kind === "switch") return <Switch shared={shared} value={draft.value} hasDefault={fallback !== undefined} change={change} />;
  if (draft.kind !== "typed") return null;
  const typed = (event: Event): void => change({ kind: "typed", text: (event.currentTarget as HTMLInputElement).value });
  if (shape.kind === "choice")
    return (
      <select {...shared} value={draft.text} onChange={typed}>
        <option value="">{isRequired ? "Choose…" : "—"}</option>
        {shape.choices.map((choice) => (
          <option key={JSON.stringify(choice)} value={JSON.stringify(choice)}>
            {choiceText(choice)}
          </option>
        ))}
      </select>
    );
  if (shape.kind === "number")
    return <input {...shared} type="text" inputMode={shape.isInteger ? "numeric" : "decimal"} value={draft.text} onInput={typed} />;
  if (shape.kind === "text" && shape.input !== "long")
    return (
      <input
        {...shared}
        type={TYPES[shape.input] as "text"} // The types of Preact know one input at a time.
        value={draft.text}
        placeholder={shape.input === "datetime" ? "2026-11-22T10:00:00Z" : undefined}
        autocomplete="off"
        onInput={typed}
      />
    );
  const isJson = shape.kind === "json";
  return (
    <textarea {...shared} class={isJson ? "mono" : ""} rows={4} placeholder={isJson ? "JSON" : ""} value={draft.text} onInput={typed} />
  );
}

interface SwitchProps {
  readonly shared: { readonly id: string };
  readonly value: boolean | null;
  readonly hasDefault: boolean;
  readonly change: (draft: Draft) => void;
}

/** A box where it is yes or no; a choice of three where nothing may be given. */
function Switch({ shared, value, hasDefault, change }: SwitchProps) {
  if (hasDefault && value !== null)
    return (
      <input
        {...shared}
        type="checkbox"
        checked={value}
        onChange={(event) => change({ kind: "switch", value: event.currentTarget.checked })}
      />
    );
  return (
    <select
      {...shared}
      value={value === null ? "" : String(value)}
      onChange={({ currentTarget }) =>
        change({ kind: "switch", value: currentTarget.value === "" ? null : currentTarget.value === "true" })
      }
    >
      <option value="">—</option>
      <option value="true">yes</option>
      <option value="false">no</option>
    </select>
  );
}

function choiceText(value: Json): string {
  return typeof value === "string" && value !== "" ? value : JSON.stringify(value);
}
