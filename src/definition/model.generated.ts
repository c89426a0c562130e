// Generated from model.ts by `npm run generate`. Do not edit.
import type { ModelSchemas } from "./published-schema.ts";

export const modelSchemas: ModelSchemas = {
  "document": {
    "type": "object",
    "required": [
      "steps"
    ],
    "properties": {
      "apiVersion": {
        "description": "Version of the language.",
        "const": "troupe/v1"
      },
      "name": {
        "type": "string",
        "description": "Name of the workflow; by default that of the file.",
        "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$",
        "maxLength": 100
      },
      "title": {
        "type": "string",
        "description": "For people."
      },
      "description": {
        "type": "string",
        "description": "For people."
      },
      "dialect": {
        "description": "The dialect that the workflow was written in.",
        "type": "string",
        "enum": [
          "troupe",
          "seed"
        ]
      },
      "input": {
        "description": "What a run is given. Either a JSON Schema (draft-07, or 2020-12 by `$schema`), or a schema for each name: `load: { type: number, minimum: 0, default: 1 }`; a name without `default` is required unless it says `required: false`.",
        "type": "object"
      },
      "output": {
        "description": "The run's output by name, values with `{{ … }}`; or `{ values, schema }` to have it checked.",
        "type": "object"
      },
      "use": {
        "type": "object",
        "properties": {
          "retry": {
            "type": "object",
            "patternProperties": {
              "^.*$": {
                "type": [
                  "integer",
                  "string",
                  "object"
                ],
                "properties": {
                  "max": {
                    "type": "integer",
                    "description": "Retries after the first attempt.",
                    "minimum": 0,
                    "maximum": 1000
                  },
                  "strategy": {
                    "description": "How the delay grows from retry to retry.",
                    "type": "string",
                    "enum": [
                      "fixed",
                      "linear",
                      "exponential"
                    ]
                  },
                  "base": {
                    "description": "Delay before the first retry. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
                    "type": [
                      "string",
                      "number"
                    ],
                    "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
                    "minimum": 0
                  },
                  "factor": {
                    "type": "number",
                    "description": "Growth of the delay, for `exponential`.",
                    "minimum": 1,
                    "maximum": 100
                  },
                  "cap": {
                    "description": "Longest delay. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
                    "type": [
                      "string",
                      "number"
                    ],
                    "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
                    "minimum": 0
                  },
                  "jitter": {
                    "description": "How much of a delay is drawn by lot: nothing, all of it, or half.",
                    "type": "string",
                    "enum": [
                      "none",
                      "full",
                      "equal"
                    ]
                  },
                  "on": {
                    "description": "Failure classes that are retried.",
                    "type": [
                      "string",
                      "array"
                    ],
                    "minLength": 1,
                    "items": {
                      "type": "string",
                      "enum": [
                        "transient",
                        "permanent",
                        "timeout",
                        "budget",
                        "conflict",
                        "canceled",
                        "validation",
                        "policy",
                        "lost"
                      ]
                    }
                  },
                  "exit_codes": {
                    "type": "array",
                    "items": {
                      "type": "integer",
                      "minimum": 0,
                      "maximum": 255
                    },
                    "description": "Exit codes that are retried whatever the class."
                  },
                  "statuses": {
                    "type": "array",
                    "items": {
                      "type": "integer",
                      "minimum": 100,
                      "maximum": 599
                    },
                    "description": "HTTP statuses that are retried whatever the class."
                  },
                  "match": {
                    "type": "string",
                    "description": "Linear-time pattern; a failure whose text it matches is retried whatever the class.",
                    "minLength": 1
                  },
                  "on_exhausted": {
                    "description": "What the step becomes when no retry is left.",
                    "type": "string",
                    "enum": [
                      "fail",
                      "quarantine"
                    ]
                  }
                },
                "additionalProperties": false,
                "minimum": 0,
                "maximum": 1000,
                "description": "A named retry policy."
              }
            }
          },
          "timeout": {
            "type": "object",
            "patternProperties": {
              "^.*$": {
                "type": [
                  "number",
                  "string",
                  "object"
                ],
                "required": [
                  "after"
                ],
                "properties": {
                  "after": {
                    "description": "Time that one attempt may take. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
                    "type": [
                      "string",
                      "number"
                    ],
                    "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
                    "minimum": 0
                  },
                  "then": {
                    "description": "What follows: the attempt fails, the step succeeds with `value`, or it is skipped.",
                    "type": "string",
                    "enum": [
                      "fail",
                      "fallback",
                      "skip"
                    ]
                  },
                  "value": {
                    "description": "The step's output under `then: fallback`."
                  },
                  "grace": {
                    "description": "Time between asking the process to end and killing it. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
                    "type": [
                      "string",
                      "number"
                    ],
                    "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
                    "minimum": 0
                  }
                },
                "additionalProperties": false,
                "minimum": 0,
                "description": "A named time limit."
              }
            }
          }
        },
        "additionalProperties": false,
        "description": "Policies by name, for steps to refer to."
      },
      "defaults": {
        "description": "Fields that steps of a type have unless they say otherwise.",
        "type": "object",
        "additionalProperties": {
          "type": "object"
        }
      },
      "env": {
        "description": "Environment variables of every step; values may hold `{{ … }}`.",
        "type": "object",
        "propertyNames": {
          "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"
        },
        "additionalProperties": {
          "type": [
            "string",
            "number",
            "boolean"
          ]
        }
      },
      "concurrency": {
        "type": "integer",
        "description": "Steps of one run that may be running at the same time.",
        "minimum": 1,
        "maximum": 100000
      },
      "priority": {
        "description": "1 is the most urgent, 5 the least.",
        "type": "integer",
        "minimum": 1,
        "maximum": 5
      },
      "tenant": {
        "type": "string",
        "description": "Who the runs belong to.",
        "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$",
        "maxLength": 100
      },
      "labels": {
        "description": "For finding runs again.",
        "type": "object",
        "additionalProperties": {
          "type": "string"
        }
      },
      "timeout": {
        "description": "Time limit of the whole run. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
        "type": [
          "string",
          "number"
        ],
        "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
        "minimum": 0
      },
      "functions": {
        "description": "Names for functions in modules: `design: ./lib/design.mjs#design`.",
        "type": "object",
        "propertyNames": {
          "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"
        },
        "additionalProperties": {
          "type": "string",
          "minLength": 1
        }
      },
      "profile": {
        "type": "string",
        "description": "Security profile that runs are under.",
        "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$",
        "maxLength": 100
      },
      "secrets": {
        "description": "Where secrets come from. Expressions know them as `secrets.<name>`, in fields that an attempt alone sees.",
        "type": "object",
        "propertyNames": {
          "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"
        },
        "additionalProperties": {
          "type": "object",
          "properties": {
            "env": {
              "type": "string",
              "description": "An environment variable of the engine.",
              "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"
            },
            "file": {
              "type": "string",
              "description": "A file, read when an attempt needs it.",
              "minLength": 1
            }
          },
          "additionalProperties": false,
          "minProperties": 1,
          "maxProperties": 1
        }
      },
      "on": {
        "type": "object",
        "properties": {
          "schedule": {
            "type": "array",
            "items": {
              "type": "object",
              "required": [
                "cron"
              ],
              "properties": {
                "cron": {
                  "type": "string",
                  "description": "When, in five fields: minute, hour, day of the month, month, day of the week, such as `\"0 6 * * 1\"`; or `@daily` and so on.",
                  "minLength": 1,
                  "maxLength": 200
                },
                "timezone": {
                  "type": "string",
                  "description": "Whose clock that is, such as `Europe/Berlin`. Default `UTC`.",
                  "minLength": 1,
                  "maxLength": 64
                },
                "name": {
                  "type": "string",
                  "description": "Name of the schedule; by default its number in the list.",
                  "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$",
                  "maxLength": 100
                },
                "overlap": {
                  "description": "When the run of an earlier time has not ended: the new one is skipped (default), waits for it, runs beside it, or takes its place.",
                  "type": "string",
                  "enum": [
                    "skip",
                    "queue",
                    "allow",
                    "replace"
                  ]
                },
                "catchup": {
                  "description": "Which of the times that were missed are made up for: none, the last (default), or all, up to a hundred.",
                  "type": "string",
                  "enum": [
                    "none",
                    "last",
                    "all"
                  ]
                },
                "input": {
                  "description": "Input of the run that is started; texts may hold `{{ … }}` over `schedule`.",
                  "type": "object"
                }
              },
              "additionalProperties": false
            },
            "description": "Times at which a run is started.",
            "minItems": 1,
            "maxItems": 100
          },
          "event": {
            "type": "array",
            "items": {
              "type": "object",
              "required": [
                "name"
              ],
              "properties": {
                "name": {
                  "type": "string",
                  "description": "Name of the event.",
                  "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$",
                  "maxLength": 100
                },
                "when": {
                  "description": "Condition over `event.body`, `event.headers`, `event.name` and `event.id`; without it, every event of the name.",
                  "type": [
                    "string",
                    "boolean"
                  ],
                  "minLength": 1
                },
                "input": {
                  "description": "Input of the run that is started; texts may hold `{{ … }}` over `event`.",
                  "type": "object"
                }
              },
              "additionalProperties": false
            },
            "description": "Events from outside that start a run.",
            "minItems": 1,
            "maxItems": 100
          }
        },
        "additionalProperties": false,
        "description": "What starts runs by itself, once the workflow is deployed."
      },
      "risk": {
        "type": "array",
        "items": {
          "type": "object",
          "required": [
            "when",
            "score",
            "reason"
          ],
          "properties": {
            "when": {
              "description": "Condition.",
              "type": [
                "string",
                "boolean"
              ],
              "minLength": 1
            },
            "score": {
              "type": "number",
              "description": "What it adds to the risk.",
              "minimum": -1000000,
              "maximum": 1000000
            },
            "reason": {
              "type": "string",
              "description": "What approvers are told.",
              "minLength": 1
            }
          },
          "additionalProperties": false
        },
        "description": "Rules that add up to the risk which approvals tell.",
        "maxItems": 200
      },
      "finally": {
        "type": "array",
        "items": {
          "type": "object"
        },
        "description": "Steps that run at the end of every run, however it ended.",
        "minItems": 1,
        "maxItems": 1000
      },
      "steps": {
        "type": "array",
        "items": {
          "type": "object"
        },
        "description": "What is done. The order of the list means nothing: a step waits for what it refers to.",
        "minItems": 1,
        "maxItems": 20000
      }
    }
  },
  "step": {
    "type": "object",
    "required": [
      "id"
    ],
    "properties": {
      "id": {
        "type": "string",
        "description": "Name of the step in expressions and everywhere else.",
        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
        "maxLength": 100
      },
      "title": {
        "type": "string",
        "description": "For people."
      },
      "type": {
        "type": "string",
        "description": "What kind of step this is; a field such as `run` may say it alone."
      },
      "needs": {
        "description": "Steps that must have ended before; references in any field count without being listed here.",
        "type": [
          "string",
          "array"
        ],
        "minLength": 1,
        "items": {
          "type": "string",
          "minLength": 1
        }
      },
      "join": {
        "description": "When the step may start, seen from the steps it needs.",
        "type": "string",
        "enum": [
          "all_success",
          "all_done",
          "any_success",
          "none_failed"
        ]
      },
      "when": {
        "description": "Condition (a bare expression): the step is skipped when it is false.",
        "type": [
          "string",
          "boolean"
        ],
        "minLength": 1
      },
      "with": {
        "description": "Values handed to the step; texts may hold `{{ … }}`.",
        "type": "object"
      },
      "input": {
        "description": "What `with` must look like. Either a JSON Schema (draft-07, or 2020-12 by `$schema`), or a schema for each name: `load: { type: number, minimum: 0, default: 1 }`; a name without `default` is required unless it says `required: false`.",
        "type": "object"
      },
      "output": {
        "description": "What the step's output must look like. Either a JSON Schema (draft-07, or 2020-12 by `$schema`), or a schema for each name: `load: { type: number, minimum: 0, default: 1 }`; a name without `default` is required unless it says `required: false`.",
        "type": "object"
      },
      "number": {
        "type": "integer",
        "description": "Number of the step; `stepN` then names it too.",
        "minimum": 0,
        "maximum": 1000000
      },
      "for_each": {
        "description": "A list or a map, or a `{{ … }}` that gives one: the step is done once for each item, which expressions know as `item`.",
        "type": [
          "string",
          "array",
          "object"
        ],
        "minLength": 1
      },
      "matrix": {
        "description": "Lists by name: the step is done once for each combination, whose members are `item.value.<name>`.",
        "type": "object",
        "minProperties": 1,
        "propertyNames": {
          "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"
        },
        "properties": {
          "include": {
            "type": "array",
            "items": {
              "type": "object"
            },
            "description": "Combinations to add.",
            "maxItems": 1000
          },
          "exclude": {
            "type": "array",
            "items": {
              "type": "object"
            },
            "description": "Combinations to leave out: those that agree in all members given.",
            "maxItems": 1000
          }
        },
        "additionalProperties": {
          "type": [
            "array",
            "string"
          ],
          "minLength": 1,
          "minItems": 1
        }
      },
      "key": {
        "type": "string",
        "description": "Name of an item, with `{{ … }}`. Default: its position, or its name in a map.",
        "minLength": 1
      },
      "max_parallel": {
        "type": "integer",
        "description": "Items that may be running at the same time.",
        "minimum": 1,
        "maximum": 100000
      },
      "on_item_error": {
        "description": "`fail` (default): the first failed item ends the others and fails the step. `collect`: failures are part of the output.",
        "type": "string",
        "enum": [
          "fail",
          "collect"
        ]
      },
      "catch": {
        "type": "array",
        "items": {
          "type": "object",
          "required": [
            "do"
          ],
          "properties": {
            "match": {
              "type": "object",
              "properties": {
                "class": {
                  "description": "Classes of failures.",
                  "type": [
                    "string",
                    "array"
                  ],
                  "minLength": 1,
                  "items": {
                    "type": "string",
                    "enum": [
                      "transient",
                      "permanent",
                      "timeout",
                      "budget",
                      "conflict",
                      "canceled",
                      "validation",
                      "policy",
                      "lost"
                    ]
                  }
                },
                "code": {
                  "description": "Codes of failures, such as `EXIT_CODE`.",
                  "type": [
                    "string",
                    "array"
                  ],
                  "minLength": 1,
                  "items": {
                    "type": "string",
                    "minLength": 1
                  }
                },
                "tool": {
                  "description": "Names of tools.",
                  "type": [
                    "string",
                    "array"
                  ],
                  "minLength": 1,
                  "items": {
                    "type": "string",
                    "minLength": 1
                  }
                },
                "status": {
                  "description": "HTTP statuses.",
                  "type": [
                    "integer",
                    "array"
                  ],
                  "minimum": 100,
                  "maximum": 599,
                  "items": {
                    "type": "integer",
                    "minimum": 100,
                    "maximum": 599
                  }
                },
                "when": {
                  "description": "Condition that may read the failure as `error`.",
                  "type": [
                    "string",
                    "boolean"
                  ],
                  "minLength": 1
                }
              },
              "additionalProperties": false,
              "description": "What a failure must look like; without it, any failure."
            },
            "do": {
              "description": "`fail`, `skip`, `fallback` with a `value` (or `{ fallback: value }`), or steps that handle the failure.",
              "type": [
                "string",
                "object",
                "array"
              ],
              "pattern": "^(?:fail|skip|fallback)$",
              "properties": {
                "fallback": {
                  "description": "The step's output instead."
                }
              },
              "required": [
                "fallback"
              ],
              "additionalProperties": false,
              "items": {
                "type": "object"
              },
              "minItems": 1,
              "maxItems": 100
            },
            "value": {
              "description": "The step's output under `do: fallback`."
            }
          },
          "additionalProperties": false
        },
        "description": "What becomes of the step when no retry is left. The first rule that matches wins.",
        "maxItems": 50
      },
      "compensate": {
        "description": "A step without an `id` that undoes this one: it runs when the run fails or is canceled after this step has succeeded.",
        "type": "object"
      },
      "output_variable": {
        "type": "string",
        "description": "Name by which expressions know the whole output too.",
        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
        "maxLength": 100
      },
      "env": {
        "description": "Environment variables of the step; values may hold `{{ … }}`.",
        "type": "object",
        "propertyNames": {
          "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"
        },
        "additionalProperties": {
          "type": [
            "string",
            "number",
            "boolean"
          ]
        }
      },
      "timeout": {
        "type": [
          "number",
          "string",
          "object"
        ],
        "required": [
          "after"
        ],
        "properties": {
          "after": {
            "description": "Time that one attempt may take. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
            "type": [
              "string",
              "number"
            ],
            "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
            "minimum": 0
          },
          "then": {
            "description": "What follows: the attempt fails, the step succeeds with `value`, or it is skipped.",
            "type": "string",
            "enum": [
              "fail",
              "fallback",
              "skip"
            ]
          },
          "value": {
            "description": "The step's output under `then: fallback`."
          },
          "grace": {
            "description": "Time between asking the process to end and killing it. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
            "type": [
              "string",
              "number"
            ],
            "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
            "minimum": 0
          }
        },
        "additionalProperties": false,
        "minimum": 0,
        "description": "Time limit of one attempt: a duration, the name of a policy under `use.timeout`, or a map."
      },
      "retry": {
        "type": [
          "integer",
          "string",
          "object"
        ],
        "properties": {
          "max": {
            "type": "integer",
            "description": "Retries after the first attempt.",
            "minimum": 0,
            "maximum": 1000
          },
          "strategy": {
            "description": "How the delay grows from retry to retry.",
            "type": "string",
            "enum": [
              "fixed",
              "linear",
              "exponential"
            ]
          },
          "base": {
            "description": "Delay before the first retry. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
            "type": [
              "string",
              "number"
            ],
            "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
            "minimum": 0
          },
          "factor": {
            "type": "number",
            "description": "Growth of the delay, for `exponential`.",
            "minimum": 1,
            "maximum": 100
          },
          "cap": {
            "description": "Longest delay. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
            "type": [
              "string",
              "number"
            ],
            "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
            "minimum": 0
          },
          "jitter": {
            "description": "How much of a delay is drawn by lot: nothing, all of it, or half.",
            "type": "string",
            "enum": [
              "none",
              "full",
              "equal"
            ]
          },
          "on": {
            "description": "Failure classes that are retried.",
            "type": [
              "string",
              "array"
            ],
            "minLength": 1,
            "items": {
              "type": "string",
              "enum": [
                "transient",
                "permanent",
                "timeout",
                "budget",
                "conflict",
                "canceled",
                "validation",
                "policy",
                "lost"
              ]
            }
          },
          "exit_codes": {
            "type": "array",
            "items": {
              "type": "integer",
              "minimum": 0,
              "maximum": 255
            },
            "description": "Exit codes that are retried whatever the class."
          },
          "statuses": {
            "type": "array",
            "items": {
              "type": "integer",
              "minimum": 100,
              "maximum": 599
            },
            "description": "HTTP statuses that are retried whatever the class."
          },
          "match": {
            "type": "string",
            "description": "Linear-time pattern; a failure whose text it matches is retried whatever the class.",
            "minLength": 1
          },
          "on_exhausted": {
            "description": "What the step becomes when no retry is left.",
            "type": "string",
            "enum": [
              "fail",
              "quarantine"
            ]
          }
        },
        "additionalProperties": false,
        "minimum": 0,
        "maximum": 1000,
        "description": "Retries: a number, `never`, the name of a policy under `use.retry`, or a map."
      },
      "priority": {
        "description": "1 is the most urgent, 5 the least.",
        "type": "integer",
        "minimum": 1,
        "maximum": 5
      },
      "optional": {
        "type": "boolean",
        "description": "A failure of the step does not fail the run; for those who need it, it counts as skipped."
      },
      "locks": {
        "description": "Names; steps that share one never run at the same time.",
        "type": [
          "string",
          "array"
        ],
        "minLength": 1,
        "items": {
          "type": "string",
          "minLength": 1
        }
      },
      "touches": {
        "description": "Paths or globs that the step changes; steps that overlap never run at the same time.",
        "type": [
          "string",
          "array"
        ],
        "minLength": 1,
        "items": {
          "type": "string",
          "minLength": 1
        }
      },
      "cost": {
        "type": "object",
        "properties": {
          "duration": {
            "description": "Expected time of one attempt; plans use it until there is history. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
            "type": [
              "string",
              "number"
            ],
            "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
            "minimum": 0
          },
          "usd": {
            "type": "number",
            "description": "Expected price of one attempt in US dollars.",
            "minimum": 0
          },
          "manual_minutes": {
            "type": "number",
            "description": "Minutes that a person would need for the same work.",
            "minimum": 0
          }
        },
        "additionalProperties": false,
        "description": "What the author expects the step to cost."
      },
      "side_effect": {
        "description": "Whether the step may be repeated: freely, under one idempotency key, or never without a person.",
        "type": "string",
        "enum": [
          "none",
          "repeatable",
          "once"
        ]
      },
      "on_engine_crash": {
        "description": "What becomes of an attempt that was running when the engine died.",
        "type": "string",
        "enum": [
          "reattach",
          "retry",
          "fail",
          "quarantine"
        ]
      },
      "cache": {
        "type": [
          "boolean",
          "object"
        ],
        "properties": {
          "key": {
            "description": "Values that belong to the key as well; texts may hold `{{ … }}`."
          },
          "files": {
            "description": "Paths or globs below the workspace whose content belongs to the key.",
            "type": [
              "string",
              "array"
            ],
            "minLength": 1,
            "items": {
              "type": "string",
              "minLength": 1
            }
          },
          "produces": {
            "description": "Paths or globs of what the step makes: kept with the result, and restored from it.",
            "type": [
              "string",
              "array"
            ],
            "minLength": 1,
            "items": {
              "type": "string",
              "minLength": 1
            }
          },
          "env": {
            "description": "Names of the engine's environment variables whose values belong to the key.",
            "type": [
              "string",
              "array"
            ],
            "minLength": 1,
            "items": {
              "type": "string",
              "minLength": 1
            }
          },
          "ttl": {
            "description": "How long a result may be used; for ever without it. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
            "type": [
              "string",
              "number"
            ],
            "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
            "minimum": 0
          },
          "version": {
            "description": "Changing it forgets every earlier result.",
            "type": [
              "string",
              "number"
            ]
          }
        },
        "additionalProperties": false,
        "description": "Whether an earlier result of the same step on the same input may be used again."
      },
      "gate": {
        "type": [
          "string",
          "object"
        ],
        "properties": {
          "report": {
            "type": "string",
            "description": "Path or glob of the report; without it, what the step prints.",
            "minLength": 1
          },
          "format": {
            "description": "Format of the report; `exit` looks at the exit code alone.",
            "type": "string",
            "enum": [
              "auto",
              "junit",
              "tap",
              "vitest",
              "jest",
              "playwright",
              "go",
              "exit"
            ]
          },
          "min_passed": {
            "type": "integer",
            "description": "Fewest tests that must have passed. Default 0.",
            "minimum": 0
          },
          "max_failed": {
            "type": "integer",
            "description": "Most tests that may have failed. Default 0.",
            "minimum": 0
          },
          "max_skipped": {
            "type": "integer",
            "description": "Most tests that may have been skipped; any number without it.",
            "minimum": 0
          },
          "coverage": {
            "type": "number",
            "description": "Least share of covered lines, in percent.",
            "minimum": 0,
            "maximum": 100
          },
          "coverage_report": {
            "type": "string",
            "description": "Path of the coverage summary (Istanbul, Cobertura or LCOV).",
            "minLength": 1
          },
          "allow_empty": {
            "type": "boolean",
            "description": "A report without tests is no failure."
          }
        },
        "additionalProperties": false,
        "pattern": "^(?:tests)$",
        "description": "Tests that must have passed before the step counts as succeeded: `tests`, or a map."
      },
      "isolation": {
        "type": "object",
        "properties": {
          "worktree": {
            "type": "boolean",
            "description": "Work on a branch and in a git worktree of its own. Default true."
          },
          "merge": {
            "description": "What becomes of the branch: integrated in its turn (default), left for a person, or thrown away.",
            "type": "string",
            "enum": [
              "queue",
              "manual",
              "none"
            ]
          },
          "base": {
            "type": "string",
            "description": "Branch or commit to start from and merge into. Default: the workspace's branch.",
            "minLength": 1
          },
          "discard": {
            "type": "boolean",
            "description": "Uncommitted changes that are left may be deleted with the worktree."
          }
        },
        "additionalProperties": false,
        "description": "Where the step works, apart from others."
      },
      "tool": {
        "type": [
          "string",
          "object"
        ],
        "properties": {
          "name": {
            "type": "string",
            "description": "A tool by its name.",
            "minLength": 1
          },
          "needs": {
            "description": "Capabilities that the tool must have.",
            "type": [
              "string",
              "array"
            ],
            "minLength": 1,
            "items": {
              "type": "string",
              "minLength": 1
            }
          },
          "prefer": {
            "description": "Which of several tools that can do it.",
            "type": "string",
            "enum": [
              "cheapest",
              "fastest",
              "reliable"
            ]
          }
        },
        "additionalProperties": false,
        "minLength": 1,
        "description": "Which tool does the work: its name, or what it must be able to do."
      },
      "profile": {
        "type": "string",
        "description": "Security profile that the step runs under.",
        "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$",
        "maxLength": 100
      }
    }
  },
  "shared": {
    "type": "object",
    "properties": {
      "env": {
        "description": "Environment variables of the step; values may hold `{{ … }}`.",
        "type": "object",
        "propertyNames": {
          "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"
        },
        "additionalProperties": {
          "type": [
            "string",
            "number",
            "boolean"
          ]
        }
      },
      "timeout": {
        "type": [
          "number",
          "string",
          "object"
        ],
        "required": [
          "after"
        ],
        "properties": {
          "after": {
            "description": "Time that one attempt may take. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
            "type": [
              "string",
              "number"
            ],
            "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
            "minimum": 0
          },
          "then": {
            "description": "What follows: the attempt fails, the step succeeds with `value`, or it is skipped.",
            "type": "string",
            "enum": [
              "fail",
              "fallback",
              "skip"
            ]
          },
          "value": {
            "description": "The step's output under `then: fallback`."
          },
          "grace": {
            "description": "Time between asking the process to end and killing it. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
            "type": [
              "string",
              "number"
            ],
            "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
            "minimum": 0
          }
        },
        "additionalProperties": false,
        "minimum": 0,
        "description": "Time limit of one attempt: a duration, the name of a policy under `use.timeout`, or a map."
      },
      "retry": {
        "type": [
          "integer",
          "string",
          "object"
        ],
        "properties": {
          "max": {
            "type": "integer",
            "description": "Retries after the first attempt.",
            "minimum": 0,
            "maximum": 1000
          },
          "strategy": {
            "description": "How the delay grows from retry to retry.",
            "type": "string",
            "enum": [
              "fixed",
              "linear",
              "exponential"
            ]
          },
          "base": {
            "description": "Delay before the first retry. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
            "type": [
              "string",
              "number"
            ],
            "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
            "minimum": 0
          },
          "factor": {
            "type": "number",
            "description": "Growth of the delay, for `exponential`.",
            "minimum": 1,
            "maximum": 100
          },
          "cap": {
            "description": "Longest delay. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
            "type": [
              "string",
              "number"
            ],
            "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
            "minimum": 0
          },
          "jitter": {
            "description": "How much of a delay is drawn by lot: nothing, all of it, or half.",
            "type": "string",
            "enum": [
              "none",
              "full",
              "equal"
            ]
          },
          "on": {
            "description": "Failure classes that are retried.",
            "type": [
              "string",
              "array"
            ],
            "minLength": 1,
            "items": {
              "type": "string",
              "enum": [
                "transient",
                "permanent",
                "timeout",
                "budget",
                "conflict",
                "canceled",
                "validation",
                "policy",
                "lost"
              ]
            }
          },
          "exit_codes": {
            "type": "array",
            "items": {
              "type": "integer",
              "minimum": 0,
              "maximum": 255
            },
            "description": "Exit codes that are retried whatever the class."
          },
          "statuses": {
            "type": "array",
            "items": {
              "type": "integer",
              "minimum": 100,
              "maximum": 599
            },
            "description": "HTTP statuses that are retried whatever the class."
          },
          "match": {
            "type": "string",
            "description": "Linear-time pattern; a failure whose text it matches is retried whatever the class.",
            "minLength": 1
          },
          "on_exhausted": {
            "description": "What the step becomes when no retry is left.",
            "type": "string",
            "enum": [
              "fail",
              "quarantine"
            ]
          }
        },
        "additionalProperties": false,
        "minimum": 0,
        "maximum": 1000,
        "description": "Retries: a number, `never`, the name of a policy under `use.retry`, or a map."
      },
      "priority": {
        "description": "1 is the most urgent, 5 the least.",
        "type": "integer",
        "minimum": 1,
        "maximum": 5
      },
      "optional": {
        "type": "boolean",
        "description": "A failure of the step does not fail the run; for those who need it, it counts as skipped."
      },
      "locks": {
        "description": "Names; steps that share one never run at the same time.",
        "type": [
          "string",
          "array"
        ],
        "minLength": 1,
        "items": {
          "type": "string",
          "minLength": 1
        }
      },
      "touches": {
        "description": "Paths or globs that the step changes; steps that overlap never run at the same time.",
        "type": [
          "string",
          "array"
        ],
        "minLength": 1,
        "items": {
          "type": "string",
          "minLength": 1
        }
      },
      "cost": {
        "type": "object",
        "properties": {
          "duration": {
            "description": "Expected time of one attempt; plans use it until there is history. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
            "type": [
              "string",
              "number"
            ],
            "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
            "minimum": 0
          },
          "usd": {
            "type": "number",
            "description": "Expected price of one attempt in US dollars.",
            "minimum": 0
          },
          "manual_minutes": {
            "type": "number",
            "description": "Minutes that a person would need for the same work.",
            "minimum": 0
          }
        },
        "additionalProperties": false,
        "description": "What the author expects the step to cost."
      },
      "side_effect": {
        "description": "Whether the step may be repeated: freely, under one idempotency key, or never without a person.",
        "type": "string",
        "enum": [
          "none",
          "repeatable",
          "once"
        ]
      },
      "on_engine_crash": {
        "description": "What becomes of an attempt that was running when the engine died.",
        "type": "string",
        "enum": [
          "reattach",
          "retry",
          "fail",
          "quarantine"
        ]
      },
      "cache": {
        "type": [
          "boolean",
          "object"
        ],
        "properties": {
          "key": {
            "description": "Values that belong to the key as well; texts may hold `{{ … }}`."
          },
          "files": {
            "description": "Paths or globs below the workspace whose content belongs to the key.",
            "type": [
              "string",
              "array"
            ],
            "minLength": 1,
            "items": {
              "type": "string",
              "minLength": 1
            }
          },
          "produces": {
            "description": "Paths or globs of what the step makes: kept with the result, and restored from it.",
            "type": [
              "string",
              "array"
            ],
            "minLength": 1,
            "items": {
              "type": "string",
              "minLength": 1
            }
          },
          "env": {
            "description": "Names of the engine's environment variables whose values belong to the key.",
            "type": [
              "string",
              "array"
            ],
            "minLength": 1,
            "items": {
              "type": "string",
              "minLength": 1
            }
          },
          "ttl": {
            "description": "How long a result may be used; for ever without it. A text such as `250ms`, `30s`, `1h30m`, `7d`; a number means seconds.",
            "type": [
              "string",
              "number"
            ],
            "pattern": "^\\s*(?:[0-9]+(?:\\.[0-9]+)?|(?:[0-9]+(?:\\.[0-9]+)?(?:ms|s|m|h|d|w))+)\\s*$",
            "minimum": 0
          },
          "version": {
            "description": "Changing it forgets every earlier result.",
            "type": [
              "string",
              "number"
            ]
          }
        },
        "additionalProperties": false,
        "description": "Whether an earlier result of the same step on the same input may be used again."
      },
      "gate": {
        "type": [
          "string",
          "object"
        ],
        "properties": {
          "report": {
            "type": "string",
            "description": "Path or glob of the report; without it, what the step prints.",
            "minLength": 1
          },
          "format": {
            "description": "Format of the report; `exit` looks at the exit code alone.",
            "type": "string",
            "enum": [
              "auto",
              "junit",
              "tap",
              "vitest",
              "jest",
              "playwright",
              "go",
              "exit"
            ]
          },
          "min_passed": {
            "type": "integer",
            "description": "Fewest tests that must have passed. Default 0.",
            "minimum": 0
          },
          "max_failed": {
            "type": "integer",
            "description": "Most tests that may have failed. Default 0.",
            "minimum": 0
          },
          "max_skipped": {
            "type": "integer",
            "description": "Most tests that may have been skipped; any number without it.",
            "minimum": 0
          },
          "coverage": {
            "type": "number",
            "description": "Least share of covered lines, in percent.",
            "minimum": 0,
            "maximum": 100
          },
          "coverage_report": {
            "type": "string",
            "description": "Path of the coverage summary (Istanbul, Cobertura or LCOV).",
            "minLength": 1
          },
          "allow_empty": {
            "type": "boolean",
            "description": "A report without tests is no failure."
          }
        },
        "additionalProperties": false,
        "pattern": "^(?:tests)$",
        "description": "Tests that must have passed before the step counts as succeeded: `tests`, or a map."
      },
      "isolation": {
        "type": "object",
        "properties": {
          "worktree": {
            "type": "boolean",
            "description": "Work on a branch and in a git worktree of its own. Default true."
          },
          "merge": {
            "description": "What becomes of the branch: integrated in its turn (default), left for a person, or thrown away.",
            "type": "string",
            "enum": [
              "queue",
              "manual",
              "none"
            ]
          },
          "base": {
            "type": "string",
            "description": "Branch or commit to start from and merge into. Default: the workspace's branch.",
            "minLength": 1
          },
          "discard": {
            "type": "boolean",
            "description": "Uncommitted changes that are left may be deleted with the worktree."
          }
        },
        "additionalProperties": false,
        "description": "Where the step works, apart from others."
      },
      "tool": {
        "type": [
          "string",
          "object"
        ],
        "properties": {
          "name": {
            "type": "string",
            "description": "A tool by its name.",
            "minLength": 1
          },
          "needs": {
            "description": "Capabilities that the tool must have.",
            "type": [
              "string",
              "array"
            ],
            "minLength": 1,
            "items": {
              "type": "string",
              "minLength": 1
            }
          },
          "prefer": {
            "description": "Which of several tools that can do it.",
            "type": "string",
            "enum": [
              "cheapest",
              "fastest",
              "reliable"
            ]
          }
        },
        "additionalProperties": false,
        "minLength": 1,
        "description": "Which tool does the work: its name, or what it must be able to do."
      },
      "profile": {
        "type": "string",
        "description": "Security profile that the step runs under.",
        "pattern": "^[A-Za-z_][A-Za-z0-9_.-]*$",
        "maxLength": 100
      }
    }
  },
  "include": {
    "type": "object",
    "required": [
      "id",
      "include"
    ],
    "properties": {
      "id": {
        "type": "string",
        "description": "Name of the step in expressions and everywhere else.",
        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
        "maxLength": 100
      },
      "title": {
        "type": "string",
        "description": "For people."
      },
      "include": {
        "type": "string",
        "description": "Path of the workflow, relative to this file.",
        "minLength": 1
      },
      "with": {
        "description": "Its input; texts may hold `{{ … }}`.",
        "type": "object"
      },
      "needs": {
        "description": "Steps that must have ended before; references in any field count without being listed here.",
        "type": [
          "string",
          "array"
        ],
        "minLength": 1,
        "items": {
          "type": "string",
          "minLength": 1
        }
      },
      "when": {
        "description": "Condition (a bare expression): the step is skipped when it is false.",
        "type": [
          "string",
          "boolean"
        ],
        "minLength": 1
      }
    },
    "additionalProperties": false
  }
};
