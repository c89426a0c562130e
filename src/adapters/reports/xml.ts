/**
 * Walks an XML document element by element. A document type with declarations of its own is refused before anything of it is used: that
 * is where entities that grow without end, or that read other files, come from.
 */
import { type SaxesAttributePlain, SaxesParser, type SaxesTagPlain } from "saxes";
import { Unparsable } from "./unparsable.ts";

const DEPTH_MAX = 100;

export interface Element {
  readonly name: string;
  attribute(name: string): string | null;
}

export interface XmlWalk {
  /** `path` holds the names of the elements around it, the outermost first. */
  open(element: Element, path: readonly string[]): void;
  close(name: string, path: readonly string[]): void;
  text(text: string): void;
  /** `external`: a document type that only names a file, which nobody reads. @defaultValue none */
  readonly doctype?: "external";
}

/** @throws Unparsable */
export function walkXml(source: string, walk: XmlWalk): void {
  const parser = new SaxesParser<{ xmlns: false; position: true }>({ xmlns: false, position: true });
  const path: string[] = [];
  const fail = (problem: string): never => {
    throw new Unparsable(problem, { line: parser.line, column: parser.column + 1 });
  };
  parser.on("error", ({ message }) => fail(message.replace(/^\d+:\d+: /, "")));
  parser.on("doctype", (doctype) => {
    if (walk.doctype === undefined || doctype.includes("[")) fail("it has a document type, which could make it mean anything");
  });
  parser.on("opentag", (tag) => {
    if (path.length >= DEPTH_MAX) fail(`its elements are nested deeper than ${DEPTH_MAX}`);
    walk.open(elementOf(tag), path);
    path.push(tag.name);
  });
  parser.on("closetag", ({ name }) => {
    path.pop();
    walk.close(name, path);
  });
  parser.on("text", (text) => walk.text(text));
  parser.on("cdata", (text) => walk.text(text));
  parser.write(source).close();
}

function elementOf(tag: SaxesTagPlain): Element {
  const attributes: Readonly<Record<string, string | SaxesAttributePlain>> = tag.attributes;
  return {
    name: tag.name,
    attribute(name) {
      const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
      return typeof value === "string" ? value : null;
    },
  };
}
