/**
 * CodeMirror as a workflow file needs it. It stands in a shadow root: only there are its styles sheets that a script adopts, which a strict
 * Content-Security-Policy admits; in the document itself they would be inline (S-39).
 */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, forceLinting, linter, lintGutter, lintKeymap } from "@codemirror/lint";
import { Compartment, EditorState, type Text } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import type { FindingView } from "../../src/contract/finding-view.ts";
import { completeYaml } from "./complete-yaml.ts";
import { editorLook, highlighting } from "./editor-look.ts";
import type { OpenEditor, YamlEditorProps } from "./editor-shape.ts";

const CHECK_AFTER_MS = 400;

export function openEditor(holder: HTMLElement, props: () => YamlEditorProps): OpenEditor {
  const root = holder.shadowRoot ?? holder.attachShadow({ mode: "open" });
  const parent = document.createElement("div");
  parent.style.height = "100%";
  root.replaceChildren(parent);
  // Outside of it nobody could tell that a field is typed into, and keys of the page would be taken for commands.
  parent.addEventListener("keydown", (event) => event.stopPropagation());
  const reading = new Compartment();
  const readOnly = (isReadOnly: boolean) => [EditorState.readOnly.of(isReadOnly), EditorView.editable.of(!isReadOnly)];
  const view = new EditorView({
    parent,
    root,
    state: EditorState.create({
      doc: props().initial,
      extensions: [
        lineNumbers(),
        foldGutter(),
        lintGutter(),
        highlightActiveLineGutter(),
        highlightActiveLine(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        indentOnInput(),
        indentUnit.of("  "),
        bracketMatching(),
        closeBrackets(),
        yaml(),
        syntaxHighlighting(highlighting),
        editorLook,
        autocompletion({ override: [completeYaml(() => props().schema)], icons: false }),
        linter((shown) => findProblems(shown, props()), { delay: CHECK_AFTER_MS }),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": props().label, "data-editor": "", tabindex: "0" }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) props().change(state.doc.toString());
        }),
        keymap.of([
          {
            key: "Mod-s",
            preventDefault: true,
            run() {
              props().save();
              return true;
            },
          },
          // Tab indents; after Escape it leaves the editor, as everywhere.
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...historyKeymap,
          ...foldKeymap,
          ...completionKeymap,
          ...lintKeymap,
          indentWithTab,
        ]),
        reading.of(readOnly(props().isReadOnly)),
      ],
    }),
  });
  forceLinting(view);
  return {
    set(value) {
      const now = view.state.doc.toString();
      if (now !== value) view.dispatch({ changes: { from: 0, to: now.length, insert: value } });
    },
    setReadOnly: (isReadOnly) => view.dispatch({ effects: reading.reconfigure(readOnly(isReadOnly)) }),
    goTo(line, column) {
      const anchor = positionOf(view.state.doc, line, column);
      view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
      view.focus();
    },
    close: () => view.destroy(),
  };
}

async function findProblems(view: EditorView, { check, findings }: YamlEditorProps): Promise<readonly Diagnostic[]> {
  const { doc } = view.state;
  const found = check === null ? findings : await check(doc.toString());
  return found.flatMap((one) => (one.line === null ? [] : [toDiagnostic(doc, one, one.line)]));
}

function toDiagnostic(doc: Text, { severity, message, fix, code, column }: FindingView, line: number): Diagnostic {
  const from = positionOf(doc, line, column ?? 1);
  const { text, from: begin } = doc.lineAt(from);
  // To the end of the word or of what is quoted there.
  const word = /^(?:"[^"]*"|'[^']*'|[^\s,{}[\]]+)/.exec(text.slice(from - begin))?.[0] ?? "";
  return { from, to: from + word.length, severity, source: code, message: fix === null ? message : `${message}\n${fix}` };
}

function positionOf(doc: Text, line: number, column: number): number {
  const { from, length } = doc.line(Math.min(Math.max(1, line), doc.lines));
  return from + Math.min(Math.max(0, column - 1), length);
}
