/** The fields of an agent step. */
import type { StepTypeDeclaration } from "../../plan/step-type.ts";
import { checkAgent } from "./check.ts";
import { CUSTOM_FORMATS, CUSTOM_MEMBERS } from "./custom-command.ts";

const texts = { type: "array", items: { type: "string", minLength: 1 } } as const;

export const agentDeclaration: StepTypeDeclaration = {
  type: "agent",
  summary: "Asks a coding agent: Claude Code, Codex, Gemini CLI, Aider, or a command of one's own.",
  properties: {
    agent: {
      type: "string",
      minLength: 1,
      description:
        "`claude_code`, `codex`, `gemini`, `aider`, `custom`, or the name of a tool in `router.yaml`. Without it, `tool` chooses.",
    },
    prompt: { type: "string", minLength: 1, description: "What to do; a template with `{{ … }}` and `{% … %}`." },
    prompt_file: {
      type: "string",
      minLength: 1,
      description: "File with the prompt, relative to the workflow; read when the workflow is.",
    },
    model: { type: "string", minLength: 1, description: "Model, by the name that the agent gives it. Default: the agent's own choice." },
    max_usd: { type: "number", exclusiveMinimum: 0, description: "What one attempt may cost, where the agent knows its cost." },
    max_turns: { type: "integer", minimum: 1, description: "Turns that it may take, where the agent counts them." },
    allow: {
      type: "array",
      items: { type: "string", minLength: 1 },
      description:
        "What it may do: `read`, `edit`, `network`, `bash`, or single commands as `bash(npm test)`. Default: `[read, edit]`. What is not named is denied, never asked.",
    },
    context: {
      type: "object",
      additionalProperties: false,
      properties: {
        files: {
          type: "array",
          items: {
            anyOf: [
              { type: "string", minLength: 1 },
              {
                type: "object",
                additionalProperties: false,
                properties: {
                  path: { type: "string", minLength: 1 },
                  glob: { type: "string", minLength: 1 },
                  priority: { type: "integer", minimum: 1, maximum: 5 },
                },
              },
            ],
          },
          description: "Files that it is given with the prompt. Priority 1 is the most important; the default is 3.",
        },
        max_tokens: {
          type: "integer",
          minimum: 1,
          description: "What prompt and files may have together; the least important files are left out.",
        },
        keep: { ...texts, description: "Paths or globs of files that must not be left out." },
      },
      description: "Files that go with the prompt, and how much of them.",
    },
    args: { ...texts, description: "Further options of the agent, from a short list of harmless ones." },
    project_config: {
      type: "boolean",
      description: "Whether it may load the configuration that it finds in the workspace. Default: false.",
    },
    resume: { type: "boolean", description: "Whether an attempt takes up the conversation of one that was cut off. Default: true." },
    custom: {
      type: "object",
      additionalProperties: false,
      properties: {
        command: {
          ...texts,
          items: { type: ["string", "number", "boolean"] },
          minItems: 1,
          description: "Program and arguments; no shell reads them.",
        },
        prompt: {
          enum: ["stdin", "file"],
          description: "`file`: the path of a file with the prompt is the last argument. Default: stdin.",
        },
        format: { enum: [...CUSTOM_FORMATS], description: "What it prints. Default: text, which is the answer." },
        map: {
          type: "object",
          additionalProperties: false,
          properties: Object.fromEntries(CUSTOM_MEMBERS.map((member) => [member, { type: "string", minLength: 1 }])),
          description: "Where each member stands in the JSON that it prints, such as `result.text`.",
        },
        resume: { ...texts, minItems: 1, description: "Arguments that take up a conversation, with `{session}` for its id." },
      },
      description: "How a command of one's own is called and read.",
    },
  },
  required: [],
  fields: {
    agent: "literal",
    prompt: "template",
    prompt_file: "literal",
    model: "text",
    max_usd: "literal",
    max_turns: "literal",
    allow: "literal",
    context: "literal",
    "context.files": "text",
    "context.keep": "text",
    args: "literal",
    project_config: "literal",
    resume: "literal",
    custom: "literal",
    "custom.command": "text",
  },
  inferredBy: null,
  check: checkAgent,
};
