/** Reads the messages of a `text/event-stream`, however it is cut into pieces. */
export interface ServerEvent {
  readonly id: string;
  readonly data: string;
}

export interface EventParser {
  /** Messages that this piece completes. */
  push(text: string): readonly ServerEvent[];
}

export function createEventParser(): EventParser {
  let rest = "";
  let id = "";
  let data: string[] = [];
  return {
    push(text) {
      const found: ServerEvent[] = [];
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "") {
          if (data.length > 0) found.push({ id, data: data.join("\n") });
          data = [];
        } else {
          const [, name, value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
          if (name === "id") id = value;
          else if (name === "data") data.push(value);
        }
      }
      return found;
    },
  };
}
