/** Reads `name.test.yaml` and the workflow that it tests. */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { DefinitionErrors, isTroupeError, RequestError } from "../../core/errors.ts";
import { checkDocument } from "../../definition/check-shape.ts";
import { Findings } from "../../definition/finding.ts";
import { readSource } from "../../definition/read-source.ts";
import { Reporter } from "../../definition/reporter.ts";
import { toData } from "../../definition/source-node.ts";
import { SourceText } from "../../definition/source-text.ts";
import type { StepTypeDeclaration } from "../../plan/step-type.ts";
import type { CompiledWorkflow } from "../../plan/workflow.ts";
import { loadWorkflow, readText } from "../load-workflow.ts";
import { type TestDocument, testSchema } from "./test-document.ts";

export interface TestFile {
  readonly file: string;
  readonly document: TestDocument;
  readonly workflow: CompiledWorkflow;
}

/** @throws DefinitionErrors with every error found, in the test or in its workflow; RequestError FILE_UNREADABLE */
export function readTests(file: string, stepTypes: readonly StepTypeDeclaration[]): TestFile {
  const document = parse(readText(file), file);
  return { file, document, workflow: loadWorkflow(workflowOf(file, document), stepTypes) };
}

function parse(text: string, file: string): TestDocument {
  const findings = new Findings();
  const source = new SourceText(text, file);
  try {
    const root = readSource(source);
    checkDocument(testSchema, root, "A test", new Reporter(source, root, findings));
    if (!findings.hasErrors) return toData(root) as unknown as TestDocument; // Its shape has just been checked.
  } catch (thrown) {
    if (!isTroupeError(thrown) || thrown.place === undefined) throw thrown;
    findings.add({ code: thrown.code, details: thrown.details, place: thrown.place, path: "" });
  }
  throw new DefinitionErrors(findings.errors);
}

const SUFFIX = /\.test\.ya?ml$/;

function workflowOf(file: string, { workflow }: TestDocument): string {
  if (workflow !== undefined) return resolve(dirname(file), workflow);
  const name = basename(file).replace(SUFFIX, "");
  const candidates = [".troupe.yaml", ".troupe.yml", ".yaml", ".yml"].map((ending) => join(dirname(file), `${name}${ending}`));
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found !== undefined) return found;
  const problem = `there is no workflow \`${name}.troupe.yaml\` beside it, and it names none under \`workflow:\``;
  throw new RequestError("FILE_UNREADABLE", { file, problem });
}

export function isTestFile(file: string): boolean {
  return SUFFIX.test(file);
}
