/** An editor for workflow files. CodeMirror is large, so it is fetched when it is wanted. */
import { useEffect, useRef, useState } from "preact/hooks";
import { type Problem, problemOf } from "../api/problem.ts";
import { ProblemBox, Skeleton } from "../ui/states.tsx";
import type { OpenEditor, YamlEditorProps } from "./editor-shape.ts";
import "./editor.css";

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
