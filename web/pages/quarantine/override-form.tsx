import { useState } from "preact/hooks";
import { type Json, parseJson } from "../../api/json.ts";
import { Button } from "../../ui/button.tsx";

interface OverrideFormProps {
  /** What came late, if anything did: most likely what is wanted. */
  readonly given: Json;
  readonly decide: (output: Json) => Promise<void>;
}

export function OverrideForm({ given, decide }: OverrideFormProps) {
  const [text, setText] = useState(() => JSON.stringify(given, null, 2));
  const parsed = parseJson(text);
  const problem = parsed.kind === "problem" ? parsed.message : null;
  return (
    <div class="stack tight override">
      <label class="field">
        <span>Output of the step, as JSON</span>
        <textarea
          class="mono"
          rows={5}
          spellcheck={false}
          value={text}
          aria-invalid={problem !== null}
          aria-describedby="override-says"
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <p id="override-says" class={problem === null ? "soft small" : "field-problem"} role="status">
        {problem === null ? "This is JSON. The server checks it by the step's output schema." : `It is no JSON: ${problem}`}
      </p>
      <div>
        <Button
          tone="primary"
          unless={problem === null ? null : "It is no JSON."}
          run={() => (parsed.kind === "json" ? decide(parsed.value) : undefined)}
        >
          Count it as succeeded
        </Button>
      </div>
    </div>
  );
}
