/** Renders a template, and writes it when it has a path. */
import type { FailureClass } from "../../core/failure.ts";
import type { Execution, StepType } from "../../ports/attempt.ts";
import type { WorkspaceFiles } from "../../ports/workspace.ts";
import { templateDeclaration } from "./schema.ts";

export interface TemplateStepOptions {
  readonly files: WorkspaceFiles;
}

/** Codes of the machine's state, which may pass; every other refusal is the path's fault. */
const TRANSIENT_CODES: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EIO", "EBUSY"]);

export function createTemplateStep({ files }: TemplateStepOptions): StepType {
  return {
    declaration: templateDeclaration,
    // Rendered again after a crash: the file is whole or absent, so writing it twice is harmless (I-32).
    survivesEngine: false,
    async execute(context): Promise<Execution> {
      const text = toText(context.value("template"));
      const path = context.value("path");
      if (path === undefined) return { kind: "succeeded", output: { text } };
      const answer = await files.write(context.request.workspace, toText(path), text);
      if (answer.ok) {
        const { bytes, sha256 } = answer.file;
        return { kind: "succeeded", output: { path: answer.file.path, bytes, sha256 } };
      }
      const failureClass: FailureClass = TRANSIENT_CODES.has(answer.code) ? "transient" : "permanent";
      return { kind: "failed", failure: { class: failureClass, code: answer.code, title: answer.problem } };
    },
  };
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
}
