import type { FindingView } from "../../src/contract/finding-view.ts";
import type { JsonObject } from "../api/json.ts";

export interface OpenEditor {
  set(value: string): void;
  setReadOnly(isReadOnly: boolean): void;
  /** Lines and columns count from 1. */
  goTo(line: number, column: number): void;
  close(): void;
}

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
