/** Starts the workflow with an input that its schema describes. A double click, or a send again after no answer came, starts one run. */
import { useRef, useState } from "preact/hooks";
import type { RunAnswer } from "../../../src/contract/run-view.ts";
import type { WorkflowView } from "../../../src/contract/workflow-view.ts";
import { parseJson } from "../../api/json.ts";
import { type Problem, problemOf } from "../../api/problem.ts";
import { change } from "../../api/request.ts";
import { whyNotAllowed } from "../../api/session.ts";
import { problemsIn } from "../../schema-form/draft.ts";
import { fill, type JsonForm, JsonFormFields, openForm } from "../../schema-form/json-form.tsx";
import { go, place } from "../../shell/router.ts";
import { Button } from "../../ui/button.tsx";
import { ProblemBox } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { createKeyOf } from "./start-key.ts";

const PRIORITIES = ["1, most urgent", "2", "3", "4", "5"];

export function StartTab({ view }: { readonly view: WorkflowView }) {
  const { name, version, inputSchema } = view;
  const [form, setForm] = useState<JsonForm>(() => openForm(inputSchema ?? {}, "input", { given: givenInput(), source: view.source }));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [priority, setPriority] = useState("");
  const keyOf = useRef(createKeyOf());

  const start = async (): Promise<void> => {
    setProblem(null);
    const filled = fill(form);
    if (filled.kind === "wrong") return setForm(filled.form);
    const body = { workflow: name, version, input: filled.value, ...(priority !== "" && { priority: Number(priority) }) };
    try {
      const run = await change<RunAnswer>("POST", "/runs", { body, headers: { "idempotency-key": keyOf.current(body) } });
      toast(`${name} is started.`);
      go(`/runs/${run.id}`);
    } catch (thrown) {
      const told = problemOf(thrown);
      const wrong = told.code === "INPUT_INVALID" ? problemsIn(told.detail, "input") : [];
      if (wrong.length > 0) setForm({ ...form, problems: wrong });
      else setProblem(told);
    }
  };
  return (
    <form
      class="stack start-form"
      noValidate
      aria-label={`Start ${name}`}
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <h2>Start a run</h2>
      {isEmpty(form) ? <p class="soft">It takes no input.</p> : <JsonFormFields form={form} change={setForm} />}
      <div class="schema-field">
        <label for="start-priority">
          Priority <span class="soft small">optional</span>
        </label>
        <select id="start-priority" value={priority} onChange={({ currentTarget }) => setPriority(currentTarget.value)}>
          <option value="">as the workflow says</option>
          {PRIORITIES.map((text, index) => (
            <option key={text} value={String(index + 1)}>
              {text}
            </option>
          ))}
        </select>
      </div>
      {form.problems.length > 0 && (
        <p class="field-problem" role="status">
          {form.problems.length === 1 ? "One value does not fit." : `${form.problems.length} values do not fit.`}
        </p>
      )}
      {problem !== null && <ProblemBox problem={problem} />}
      <div class="row">
        <Button type="submit" tone="primary" icon="play" unless={whyNotAllowed("operate")} run={start}>
          Start
        </Button>
        <span class="soft small">
          version <span class="mono">{version.slice(0, 12)}</span>
        </span>
      </div>
    </form>
  );
}

/** `?input=` of the address: JSON, for links that fill in the form. */
function givenInput() {
  const text = place.peek().query.get("input");
  if (text === null) return undefined;
  const parsed = parseJson(text);
  return parsed.kind === "json" ? parsed.value : undefined;
}

function isEmpty({ field, mode }: JsonForm): boolean {
  return mode.kind === "fields" && field.shape.kind === "object" && field.shape.members.length === 0;
}
