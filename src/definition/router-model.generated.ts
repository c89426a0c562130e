// Generated from router-model.ts by `npm run generate`. Do not edit.
import type { JsonObject } from "../core/json.ts";

export const routerSchema: JsonObject = {
  "type": "object",
  "properties": {
    "$schema": {
      "type": "string",
      "description": "This schema, for editors."
    },
    "apiVersion": {
      "description": "Version of the language.",
      "type": "string",
      "enum": [
        "troupe/v1"
      ]
    },
    "builtins": {
      "type": "boolean",
      "description": "Whether the tools that Troupe knows by itself are there, behind those of this file. True by default."
    },
    "prefer": {
      "description": "Which of several tools, for steps that do not say. By default the first that is declared.",
      "type": "string",
      "enum": [
        "cheapest",
        "fastest",
        "reliable"
      ]
    },
    "tools": {
      "type": "array",
      "items": {
        "type": "object",
        "required": [
          "name"
        ],
        "properties": {
          "name": {
            "type": "string",
            "description": "What steps and people call it. The name of a built-in tool changes that one.",
            "pattern": "^[A-Za-z_][A-Za-z0-9_-]*$",
            "maxLength": 100
          },
          "adapter": {
            "description": "How it is spoken to: one of the coding agents that Troupe knows, `custom` for another one, `command` for a program that gets the prompt on its standard input and needs no model.",
            "type": "string",
            "enum": [
              "claude_code",
              "codex",
              "aider",
              "gemini",
              "custom",
              "command"
            ]
          },
          "command": {
            "type": "array",
            "items": {
              "type": "string"
            },
            "description": "Program and arguments, one an item; no shell reads them. A program with a slash is looked for from the folder of this file.",
            "minItems": 1,
            "maxItems": 1000
          },
          "capabilities": {
            "type": "array",
            "items": {
              "type": "string",
              "pattern": "^[a-z][a-z0-9-]*$",
              "maxLength": 100
            },
            "description": "Kinds of work that it does, such as `code-edit`; steps ask for them under `tool.needs`.",
            "maxItems": 100
          },
          "domains": {
            "type": "array",
            "items": {
              "type": "string",
              "minLength": 1
            },
            "description": "What it is for: globs of paths below the workspace, or languages such as `typescript`. Without it, everything.",
            "maxItems": 100
          },
          "cost": {
            "type": "object",
            "properties": {
              "usd_per_run": {
                "type": "number",
                "description": "What one call is expected to cost, until there is history.",
                "minimum": 0
              },
              "usd_per_1k_tokens": {
                "type": "number",
                "description": "What a thousand tokens cost; a call is taken for ten thousand until there is history.",
                "minimum": 0
              }
            },
            "additionalProperties": false,
            "description": "What it costs, in US dollars."
          },
          "limits": {
            "type": "object",
            "properties": {
              "concurrency": {
                "type": "integer",
                "description": "Calls at once; the others wait.",
                "minimum": 1,
                "maximum": 10000
              },
              "timeout": {
                "description": "Longest call, where the step sets no shorter limit. A text such as `250ms`, `30s`, `2m`; a number means seconds.",
                "type": [
                  "string",
                  "number"
                ],
                "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
                "minimum": 0
              },
              "max_usd": {
                "type": "number",
                "description": "Most that one call may cost, for tools that can be told.",
                "minimum": 0
              }
            },
            "additionalProperties": false,
            "description": "What one engine grants it."
          },
          "env": {
            "type": "array",
            "items": {
              "type": "string",
              "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"
            },
            "description": "Names of variables of Troupe's own environment that it gets. Values never stand here.",
            "maxItems": 100
          },
          "health": {
            "type": "object",
            "required": [
              "args"
            ],
            "properties": {
              "args": {
                "type": "array",
                "items": {
                  "type": "string"
                },
                "description": "Arguments behind the program's name; exit code 0 means that it is well.",
                "maxItems": 1000
              },
              "timeout": {
                "description": "It is asked to end then, and killed soon after. 5 s by default. A text such as `250ms`, `30s`, `2m`; a number means seconds.",
                "type": [
                  "string",
                  "number"
                ],
                "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
                "minimum": 0
              },
              "every": {
                "description": "How long an answer is believed. 5 m by default. A text such as `250ms`, `30s`, `2m`; a number means seconds.",
                "type": [
                  "string",
                  "number"
                ],
                "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
                "minimum": 0
              }
            },
            "additionalProperties": false,
            "description": "A command that tells whether it is well."
          },
          "version": {
            "type": "object",
            "required": [
              "args"
            ],
            "properties": {
              "args": {
                "type": "array",
                "items": {
                  "type": "string"
                },
                "description": "Arguments behind the program's name that make it print its version.",
                "maxItems": 1000
              },
              "pattern": {
                "type": "string",
                "description": "Linear-time pattern: the first word of the output that it matches is the version. By default one with two numbers.",
                "minLength": 1
              }
            },
            "additionalProperties": false,
            "description": "A command that tells its version."
          },
          "breaker": {
            "type": "object",
            "properties": {
              "failures": {
                "type": "integer",
                "description": "Failures within the window that open it, if at least half of the calls failed. 5 by default.",
                "minimum": 1,
                "maximum": 1000
              },
              "window": {
                "description": "How far back failures count. 10 s by default. A text such as `250ms`, `30s`, `2m`; a number means seconds.",
                "type": [
                  "string",
                  "number"
                ],
                "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
                "minimum": 0
              },
              "recovery": {
                "description": "How long it refuses before it lets one call through. 60 s by default. A text such as `250ms`, `30s`, `2m`; a number means seconds.",
                "type": [
                  "string",
                  "number"
                ],
                "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
                "minimum": 0
              }
            },
            "additionalProperties": false,
            "description": "When the tool is left alone."
          }
        },
        "additionalProperties": false,
        "description": "A tool."
      },
      "description": "Tools, the preferred ones first.",
      "maxItems": 200
    }
  },
  "additionalProperties": false
};
