/** Puts findings on nodes: knows the text, and finds the path under which the author wrote a node. */
import type { ErrorCode, ErrorDetails } from "../core/errors.ts";
import type { Place } from "../core/place.ts";
import type { Findings, Report } from "./finding.ts";
import { textOffset } from "./scalar-offset.ts";
import { formatPath, type MapEntry, type Segment, type SourceNode } from "./source-node.ts";
import type { SourceText } from "./source-text.ts";

/** What is to be said; the reporter adds where. */
export type Remark = Omit<Report, "place" | "path"> & { readonly path?: string };

export class Reporter {
  readonly source: SourceText;
  readonly findings: Findings;
  /** The tree as the author wrote it, before any rewriting. */
  readonly #written: SourceNode;

  constructor(source: SourceText, written: SourceNode, findings: Findings) {
    this.source = source;
    this.findings = findings;
    this.#written = written;
  }

  /** About a value. */
  at(node: SourceNode, remark: Remark): void {
    this.findings.add({ path: this.#pathOf(node), ...remark, place: this.placeOf(node) });
  }

  /** About a key, such as an unknown one. */
  atKey(entry: MapEntry, remark: Remark): void {
    this.findings.add({
      path: formatPath(pathAtKey(this.#written, entry.keyStart, entry.key) ?? []),
      ...remark,
      place: this.source.place(entry.keyStart, entry.keyEnd),
    });
  }

  /** About a part of a text, by offsets in its value. */
  inside(node: SourceNode, offset: number, length: number, remark: Remark): void {
    this.findings.add({ path: this.#pathOf(node), ...remark, place: this.placeInside(node, offset, length) });
  }

  error(node: SourceNode, code: ErrorCode, details?: ErrorDetails, fix?: string): void {
    this.at(node, { code, ...(details && { details }), ...(fix !== undefined && { fix }) });
  }

  placeOf({ start, end }: Pick<SourceNode, "start" | "end">): Place {
    return this.source.place(start, end);
  }

  placeInside(node: SourceNode, offset: number, length: number): Place {
    if (node.kind !== "scalar") return this.placeOf(node);
    const start = textOffset(this.source.text, node, offset);
    return this.source.place(start, start + length);
  }

  /** Searched only for what is reported: keeping every node's path would cost more than the reading itself. */
  #pathOf(node: SourceNode): string {
    return formatPath(pathTo(this.#written, node) ?? pathAt(this.#written, node.start));
  }
}

function pathTo(from: SourceNode, target: SourceNode): Segment[] | null {
  if (from === target) return [];
  if (from.kind === "list") {
    for (const [index, item] of from.items.entries()) {
      const rest = pathTo(item, target);
      if (rest !== null) return [index, ...rest];
    }
  }
  if (from.kind === "map") {
    for (const { key, value } of from.entries) {
      const rest = pathTo(value, target);
      if (rest !== null) return [key, ...rest];
    }
  }
  return null;
}

/** For nodes that a rewriting has made: the deepest node that stands where they point. */
function pathAt(from: SourceNode, offset: number): Segment[] {
  const children: (readonly [Segment, SourceNode, number])[] =
    from.kind === "list"
      ? from.items.map((item, index) => [index, item, item.start] as const)
      : from.kind === "map"
        ? from.entries.map(({ key, value, keyStart }) => [key, value, keyStart] as const)
        : [];
  const found = children.find(([, node, start]) => start <= offset && offset < node.end);
  return found === undefined ? [] : [found[0], ...pathAt(found[1], offset)];
}

function pathAtKey(from: SourceNode, keyStart: number, name: string): Segment[] | null {
  if (from.kind === "scalar") return null;
  if (from.kind === "list") {
    for (const [index, item] of from.items.entries()) {
      const rest = pathAtKey(item, keyStart, name);
      if (rest !== null) return [index, ...rest];
    }
    return null;
  }
  if (from.entries.some((one) => one.keyStart === keyStart && one.key === name)) return [name];
  for (const { key, value } of from.entries) {
    const rest = value.kind === "scalar" ? null : pathAtKey(value, keyStart, name);
    if (rest !== null) return [key, ...rest];
  }
  return null;
}
