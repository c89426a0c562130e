/** An editor for workflow files. CodeMirror is large, so it is fetched when it is wanted. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { FindingView } from "../../src/contract/finding-view.ts";
import type { JsonObject } from "../api/json.ts";
import { type Problem, problemOf } from "../api/problem.ts";
import { ProblemBox, Skeleton } from "../ui/states.tsx";
import type { OpenEditor } from "./open-editor.ts";
import "./editor.css";

export interface YamlEditorProps {
  readonly label: string;
  /** What stands in it at first. Later texts are set through what `opened` gets: the editor is always ahead of who listens to it. */
  readonly initial: string;
  readonly isReadOnly: boolean;
  readonly change: (value: string) => void;
  /** Asks what is to be said about a text; null where the user may not. */
  readonly check: ((source: string) => Promise<readonly FindingView[]>) | null;
  /** What was found by whoever checked last, for a text that is not checked here. */
  readonly findings: readonly FindingView[];
  /** JSON Schema of workflow files, for what can be typed; null before it is there. */
  readonly schema: JsonObject | null;
  /** Ctrl+S. */
  readonly save: () => void;
  /** Gets what can be done with it from outside. */
  readonly opened?: (editor: OpenEditor | null) => void;
}

export function YamlEditor(props: YamlEditorProps) {
  const holder = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [editor, setEditor] = useState<OpenEditor | null>(null);
  useEffect(() => {
    let isGone = false;
    let own: OpenEditor | null = null;
    import("./open-editor.ts").then(
      ({ openEditor }) => {
        if (isGone || holder.current === null) return;
        own = openEditor(holder.current, () => latest.current);
        setEditor(own);
        latest.current.opened?.(own);
      },
      (thrown: unknown) => setProblem({ ...problemOf(thrown), fix: "Load the page again: the server may have a newer one." }),
    );
    return () => {
      isGone = true;
      own?.close();
      latest.current.opened?.(null);
    };
  }, []);
  useEffect(() => editor?.setReadOnly(props.isReadOnly), [editor, props.isReadOnly]);
  if (problem !== null) return <ProblemBox problem={problem} />;
  return (
    <div class="yaml-editor">
      {editor === null && <Skeleton lines={10} says="Loading the editor" />}
      <div ref={holder} class="yaml-editor-holder" />
    </div>
  );
}
