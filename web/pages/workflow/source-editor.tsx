/** The editor with what is wrong with its text, and the way to deploy it. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { CheckView, FindingView } from "../../../src/contract/finding-view.ts";
import type { WorkflowView } from "../../../src/contract/workflow-view.ts";
import type { JsonObject } from "../../api/json.ts";
import { type Problem, problemOf } from "../../api/problem.ts";
import { change, get } from "../../api/request.ts";
import type { OpenEditor } from "../../editor/editor-shape.ts";
import { YamlEditor } from "../../editor/yaml-editor.tsx";
import { Button } from "../../ui/button.tsx";
import { many } from "../../ui/format.ts";
import { ProblemBox } from "../../ui/states.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { DeployDialog, type Deploying } from "./deploy-dialog.tsx";
import { type Deployed, deploy, loadWorkflow } from "./deployed.ts";
import { Findings } from "./findings.tsx";

interface SourceEditorProps {
  /** Under which a text is deployed; null where it has none. */
  readonly nameOf: (text: string) => string | null;
  /** What stands in the editor at first. */
  readonly text: string;
  /** Null for a workflow that is new. */
  readonly deployed: Deployed | null;
  readonly unless: string | null;
  readonly done: (view: WorkflowView) => void;
  readonly touched?: (isTouched: boolean) => void;
}

export function SourceEditor({ nameOf, text: given, deployed, unless, done, touched }: SourceEditorProps) {
  const [text, setText] = useState(given);
  const [findings, setFindings] = useState<readonly FindingView[]>(deployed?.view.findings ?? []);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [deploying, setDeploying] = useState<Deploying | null>(null);
  const editor = useRef<OpenEditor | null>(null);
  const schema = useLoaded("schema", (signal) => get<JsonObject>("/schema", { signal }));
  const mayEdit = unless === null;
  const name = nameOf(text);
  const before = deployed?.view.source ?? "";
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const isChanged = text !== before;
  const put = (next: string): void => {
    setText(next);
    editor.current?.set(next);
  };
  useEffect(() => put(given), [given]);
  useEffect(() => touched?.(text !== given), [text !== given]);
  useLeaveWarning(mayEdit && text !== given);

  const check = async (source: string): Promise<readonly FindingView[]> => {
    const found = await change<CheckView>("POST", "/validate", { body: { source } });
    setFindings(found.findings);
    return found.findings;
  };
  const ask = (): void => {
    setProblem(null);
    setDeploying({ kind: "asking", before, tag: deployed?.tag ?? null });
  };
  const send = async (tag: string | null): Promise<void> => {
    if (name === null) return;
    try {
      const next = await deploy(name, text, tag);
      setDeploying(null);
      done(next.view);
    } catch (thrown) {
      const told = problemOf(thrown);
      if (told.code !== "WORKFLOW_CHANGED") {
        setDeploying(null);
        setProblem(told);
        return;
      }
      const theirs = await loadWorkflow(name);
      setDeploying({
        kind: "conflict",
        before: theirs.view.source,
        tag: theirs.tag,
        by: theirs.view.deployedBy,
        at: theirs.view.deployedAt,
      });
    }
  };
  const wrong = errors > 0 ? `${many(errors, "mistake")} must be put right first.` : null;
  const why = unless ?? wrong ?? (name === null ? "The text needs a `name`." : isChanged ? null : "Nothing was changed.");
  return (
    <div class="source">
      <div class="source-bar">
        <span class="soft small grow" role="status">
          {stateText(findings, isChanged, mayEdit)}
        </span>
        {mayEdit && isChanged && deployed !== null && (
          <Button tone="quiet" run={() => put(before)}>
            Undo all
          </Button>
        )}
        <Button tone="primary" unless={why} keys="Ctrl+S" run={ask}>
          {deployed !== null ? "Deploy changes" : name === null ? "Deploy" : `Deploy ${name}`}
        </Button>
      </div>
      {problem !== null && <ProblemBox problem={problem} />}
      <div class="source-editor panel">
        <YamlEditor
          label={name === null ? "Text of the workflow" : `Text of workflow ${name}`}
          initial={text}
          isReadOnly={!mayEdit}
          change={setText}
          check={mayEdit ? check : null}
          findings={findings}
          schema={schema.state.kind === "ready" ? schema.state.value : null}
          save={() => why === null && ask()}
          opened={(opened) => {
            editor.current = opened;
          }}
        />
      </div>
      {findings.length > 0 && <Findings findings={findings} goTo={(line, column) => editor.current?.goTo(line, column)} />}
      {deploying !== null && name !== null && (
        <DeployDialog
          name={name}
          text={text}
          deploying={deploying}
          deploy={send}
          takeTheirs={(theirs) => {
            put(theirs);
            setDeploying(null);
          }}
          close={() => setDeploying(null)}
        />
      )}
    </div>
  );
}

function stateText(findings: readonly FindingView[], isChanged: boolean, mayEdit: boolean): string {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const others = findings.length - errors;
  const words = [
    ...(errors > 0 ? [many(errors, "mistake")] : []),
    ...(others > 0 ? [`${many(others, "remark")}`] : []),
    ...(findings.length === 0 ? ["No problems found"] : []),
    ...(isChanged && mayEdit ? ["not deployed"] : []),
  ];
  return words.join(" · ");
}

/** Asks before the tab is closed on what nobody has deployed. */
function useLeaveWarning(isWanted: boolean): void {
  useEffect(() => {
    if (!isWanted) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [isWanted]);
}
