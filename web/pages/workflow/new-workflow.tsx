/** A workflow that begins as one of a few templates. Its name is what its text says. */
import { useState } from "preact/hooks";
import { whyNotAllowed } from "../../api/session.ts";
import { go, place, setQuery } from "../../shell/router.ts";
import { ask } from "../../ui/dialog.tsx";
import { Page } from "../../ui/page.tsx";
import { toast } from "../../ui/toast.tsx";
import { SourceEditor } from "./source-editor.tsx";
import { TEMPLATES, type Template } from "./templates.ts";
import "./workflow.css";

export function NewWorkflow() {
  const template = TEMPLATES.find(({ id }) => id === place.value.query.get("template")) ?? TEMPLATES[0];
  const [isTouched, setTouched] = useState(false);
  const take = async ({ id, title }: Template): Promise<void> => {
    if (isTouched) {
      const body = <p>What you have written is lost.</p>;
      if ((await ask({ title: `Begin anew with “${title}”?`, body, yes: "Begin anew", tone: "danger" })) === null) return;
    }
    setTouched(false);
    setQuery({ template: id });
  };
  return (
    <Page title="New workflow">
      <div class="stack tight">
        <fieldset class="row wrap">
          <legend class="hidden">Template</legend>
          {TEMPLATES.map((one) => (
            <button key={one.id} type="button" class="chip" aria-pressed={one.id === template.id} onClick={() => void take(one)}>
              {one.title}
            </button>
          ))}
          <span class="soft small">{template.description}</span>
        </fieldset>
        <SourceEditor
          key={template.id}
          nameOf={nameIn}
          text={template.source}
          deployed={null}
          unless={whyNotAllowed("edit")}
          touched={setTouched}
          done={(view) => {
            toast(`${view.name} is deployed.`);
            go(`/workflows/${encodeURIComponent(view.name)}`);
          }}
        />
      </div>
    </Page>
  );
}

/** `name:` of the document; null for none. */
function nameIn(text: string): string | null {
  return /^name:[ \t]*(["']?)([A-Za-z_][A-Za-z0-9_.-]{0,99})\1[ \t]*(?:#.*)?$/m.exec(text)?.[2] ?? null;
}
