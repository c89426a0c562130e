/**
 * YAML 1.2 (core schema) to nodes, through the `yaml` package. What a workflow has no use for and an attacker has is refused:
 * custom tags, duplicate keys, keys that reach a prototype, more than a few aliases, merges that grow without end (S-5, S-6).
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { isPrototypeKey } from "../core/json.ts";
import { DEPTH_MAX, NODES_MAX } from "./source-limits.ts";
import type { ListNode, MapEntry, MapNode, ScalarNode, ScalarStyle, SourceNode } from "./source-node.ts";
import { SourceProblem } from "./source-problem.ts";

/** Aliases and merges of one document. */
const ALIASES_MAX = 200;

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
  BLOCK_LITERAL: "literal",
  BLOCK_FOLDED: "folded",
};

/** @throws SourceProblem at the first thing that is wrong. */
export function readYaml(text: string): SourceNode | null {
  const document = parse(text);
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) throw fromLibrary(problem.code, problem.message, problem.pos);
  if (document.contents === null) return null;
  return new Converter(text).convert(document.contents as Node, 0); // a parsed document holds parsed nodes
}

function parse(text: string): Document {
  try {
    // Duplicate keys are found below in linear time; the package compares each key with each other.
    return parseDocument(text, {
      version: "1.2",
      schema: "core",
      uniqueKeys: false,
      prettyErrors: false,
      stringKeys: false,
      logLevel: "error",
    });
  } catch (thrown) {
    // The package recurses: a text of brackets ends its stack.
    throw thrown instanceof RangeError ? tooDeep(0, 1) : thrown;
  }
}

function tooDeep(start: number, end: number): SourceProblem {
  return new SourceProblem("DEF_LIMIT", { problem: `it is nested more than ${DEPTH_MAX} deep` }, start, end);
}

function fromLibrary(code: string, message: string, [start, end]: readonly [number, number]): SourceProblem {
  if (code === "TAG_RESOLVE_FAILED") {
    return new SourceProblem("DEF_TAG", {}, start, end);
  }
  if (code === "MULTIPLE_DOCS")
    return new SourceProblem(
      "DEF_SYNTAX",
      { problem: "There is more than one document in the file." },
      start,
      end,
      "Keep one document to a file.",
    );
  const sentence = message.replace(/\s+at line \d+, column \d+[\s\S]*$/, "").replace(/\.?$/, ".");
  return new SourceProblem("DEF_SYNTAX", { problem: sentence }, start, end, FIXES[code]);
}

const FIXES: Readonly<Record<string, string>> = {
  BAD_INDENT: "Indent the lines of one list or map alike.",
  TAB_AS_INDENT: "Indent with spaces.",
  BLOCK_AS_IMPLICIT_KEY: "Put the value in quotes if it holds `: `.",
  MISSING_CHAR: "Close what was opened: a quote, `]` or `}`.",
  UNEXPECTED_TOKEN: "Put the value in quotes if it begins with a special character.",
};

class Converter {
  readonly #text: string;
  readonly #anchors = new Map<string, { readonly node: SourceNode; readonly size: number }>();
  #aliases = 0;
  #size = 0;

  constructor(text: string) {
    this.#text = text;
  }

  convert(node: Node | null, depth: number): SourceNode {
    const [start, end] = node?.range ?? [0, 0];
    if (depth > DEPTH_MAX) throw tooDeep(start, end);
    this.#count(1, start);
    if (node === null) return { kind: "scalar", value: null, style: "made", start, end };
    if (isAlias(node)) return this.#alias(node.source, start, end);
    const before = this.#size;
    const result = isMap(node)
      ? this.#map(node as YAMLMap<Node, Node | null>, depth)
      : isSeq(node)
        ? this.#list(node, depth)
        : this.#scalar(node as Scalar);
    const { anchor } = node as Scalar; // every node that is no alias can have one
    if (anchor !== undefined) this.#anchors.set(anchor, { node: result, size: this.#size - before });
    return result;
  }

  #count(nodes: number, start: number): void {
    this.#size += nodes;
    if (this.#size > NODES_MAX)
      throw new SourceProblem(
        "DEF_LIMIT",
        { problem: `it has more than ${NODES_MAX} values once its aliases are written out` },
        start,
        start + 1,
      );
  }

  /** An anchor is known once its node is complete, so an alias inside its own node finds nothing. */
  #alias(name: string, start: number, end: number): SourceNode {
    if (++this.#aliases > ALIASES_MAX)
      throw new SourceProblem("DEF_LIMIT", { problem: `it uses more than ${ALIASES_MAX} aliases` }, start, end);
    const target = this.#anchors.get(name);
    if (target === undefined) {
      throw new SourceProblem(
        "DEF_SYNTAX",
        { problem: `The alias *${name} has no complete anchor &${name} before it.` },
        start,
        end,
        "An alias stands after the value that it repeats, and not inside it.",
      );
    }
    this.#count(target.size, start);
    return target.node;
  }

  #list(node: YAMLSeq, depth: number): ListNode {
    const [start, end] = node.range ?? [0, 0];
    return { kind: "list", items: node.items.map((item) => this.convert(item as Node | null, depth + 1)), start, end }; // parsed lists hold nodes
  }

  #map(node: YAMLMap<Node, Node | null>, depth: number): MapNode {
    const [start, end] = node.range ?? [0, 0];
    const entries = new Map<string, MapEntry>();
    const merged: SourceNode[] = [];
    for (const pair of node.items) {
      const entry = this.#entry(pair, depth, start);
      if (entry.key === "<<" && isScalar(pair.key) && pair.key.type === "PLAIN") {
        merged.push(entry.value);
        continue;
      }
      if (entries.has(entry.key)) throw new SourceProblem("DEF_DUPLICATE_KEY", { key: entry.key }, entry.keyStart, entry.keyEnd);
      entries.set(entry.key, entry);
    }
    for (const source of merged) this.#merge(entries, source);
    return { kind: "map", entries: [...entries.values()], start, end };
  }

  /** Keys that the map has itself win, then those of the first map merged. */
  #merge(entries: Map<string, MapEntry>, source: SourceNode): void {
    for (const map of source.kind === "list" ? source.items : [source]) {
      if (map.kind !== "map")
        throw new SourceProblem(
          "DEF_SYNTAX",
          { problem: "`<<` merges maps; this is none." },
          source.start,
          source.end,
          "Write an alias to a map, or a list of such.",
        );
      this.#count(map.entries.length, source.start);
      for (const entry of map.entries) if (!entries.has(entry.key)) entries.set(entry.key, entry);
    }
  }

  #entry(pair: Pair<Node, Node | null>, depth: number, mapStart: number): MapEntry {
    const [keyStart, keyEnd] = pair.key?.range ?? [mapStart, mapStart + 1];
    const key = this.#key(pair.key, keyStart, keyEnd);
    if (isPrototypeKey(key)) throw new SourceProblem("DEF_FORBIDDEN_KEY", { key }, keyStart, keyEnd);
    this.#count(1, keyStart);
    const value =
      pair.value === null
        ? ({ kind: "scalar", value: null, style: "made", start: keyStart, end: keyEnd } as const)
        : this.convert(pair.value, depth + 1);
    return { key, keyStart, keyEnd, value };
  }

  #key(node: Node | null, start: number, end: number): string {
    const target = node !== null && isAlias(node) ? this.#alias(node.source, start, end) : node;
    if (target !== null && "kind" in target) {
      if (target.kind === "scalar" && target.value !== null) return String(target.value);
    } else if (isScalar(target)) {
      // `1:`, `true:` and `null:` are keys with those names.
      if (target.type === "PLAIN" && target.source !== undefined && target.source !== "") return target.source;
      if (target.value !== null) return String(target.value);
    }
    throw new SourceProblem("DEF_SYNTAX", { problem: "A key is a text; this is none." }, start, end, "Put the key in quotes.");
  }

  #scalar(node: Scalar): ScalarNode {
    const [start, end] = node.range ?? [0, 0];
    const { value } = node;
    const style = STYLES[node.type ?? ""] ?? "plain";
    if (typeof value === "number") checkNumber(value, node.source ?? this.#text.slice(start, end), start, end);
    else if (typeof value !== "string" && typeof value !== "boolean" && value !== null) throw new SourceProblem("DEF_TAG", {}, start, end);
    return { kind: "scalar", value, style, start, end };
  }
}

/** JSON has no infinities, and a whole number beyond 2^53 would silently become another one. */
function checkNumber(value: number, source: string, start: number, end: number): void {
  if (!Number.isFinite(value)) throw new SourceProblem("DEF_NUMBER", { number: source.slice(0, 40) }, start, end);
  if (!Number.isSafeInteger(value) && /^[-+]?(?:\d+|0o[0-7]+|0x[\da-fA-F]+)$/.test(source))
    throw new SourceProblem("DEF_NUMBER", { number: source.slice(0, 40) }, start, end);
}
