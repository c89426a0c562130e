/** One step of the SVG picture: a box with its name, its facts and, in a run, its state. */
import { formatDuration } from "../core/duration.ts";
import { at } from "./at.ts";
import type { Drawing, DrawnStep } from "./drawing.ts";
import { toLine } from "./line.ts";
import { LOOKS, lookOf, wordsFor } from "./looks.ts";
import { ACCENT, INK, INK_QUIET, MONO } from "./svg-style.ts";
import { advanceOf, round, shorten, toXml } from "./svg-text.ts";

export const BOX_HEIGHT = 46;
const PADDING = 14;
const SIGN_WIDTH = 20;
const WIDTH_MIN = 110;
const ID_CHARACTERS_MAX = 30;
/** Widths of a character in pixels; ids are monospaced, so theirs is known without measuring. */
const ID_ADVANCE = 0.602 * 13;
const FACTS_ADVANCE = 0.56 * 11;

export function drawBox(step: DrawnStep, tooltip: string, { x, y, width }: { x: number; y: number; width: number }): string {
  const name = lookOf(step.state);
  const { fill, line, sign } = LOOKS[name];
  const isAccented = step.critical && step.state === null;
  const frame = `rx="8" fill="${fill}" stroke="${isAccented ? ACCENT : line}" stroke-width="${step.critical ? 2.5 : 1.25}"`;
  const dashes = name === "skipped" ? ` stroke-dasharray="4 3"` : "";
  const middle = BOX_HEIGHT / 2;
  return [
    `<g transform="translate(${round(x)} ${round(y - middle)})"><title>${toXml(tooltip)}</title>`,
    `<rect width="${round(width)}" height="${BOX_HEIGHT}" ${frame}${dashes} class="tg-box ${name}${isAccented ? " critical" : ""}"/>`,
    `<text x="${PADDING}" y="20" font-family="${MONO}" font-size="13" font-weight="600" fill="${INK}" class="tg-id">${toXml(shorten(step.id, ID_CHARACTERS_MAX))}</text>`,
    `<text x="${PADDING}" y="36" font-size="11" fill="${INK_QUIET}" class="tg-facts">${toXml(factsOf(step))}</text>`,
    ...(step.state === null
      ? []
      : [
          `<text x="${round(width - PADDING + 2)}" y="28" font-size="14" font-weight="700" text-anchor="end" fill="${line}" class="tg-sign ${name}">${sign}</text>`,
        ]),
    "</g>",
  ].join("");
}

function factsOf({ type, estimateMs, state }: DrawnStep): string {
  return [shorten(type, 20), formatDuration(estimateMs), ...wordsFor(state).map((word) => shorten(word, 20))].join(" · ");
}

/** By step. */
export function tooltipsOf({ steps, edges, conflicts }: Drawing): string[] {
  const needs: string[][] = steps.map(() => []);
  const excluded: string[][] = steps.map(() => []);
  for (const { from, to, because } of edges) {
    at(needs, to).push(`${at(steps, from).id} (${because.map(({ field }) => toLine(field)).join(", ")})`);
  }
  for (const [one, other] of conflicts) {
    at(excluded, one).push(at(steps, other).id);
    at(excluded, other).push(at(steps, one).id);
  }
  return steps.map(({ id, title, slackMs }, index) =>
    [
      title === "" ? id : `${id}: ${title}`,
      slackMs === 0 ? "no slack" : `slack ${formatDuration(slackMs)}`,
      ...lineOf("needs", at(needs, index)),
      ...lineOf("never together with", at(excluded, index)),
    ].join("\n"),
  );
}

const NAMES_MAX = 20;

function lineOf(words: string, names: readonly string[]): string[] {
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : "";
  return names.length === 0 ? [] : [`${words} ${names.slice(0, NAMES_MAX).join(", ")}${more}`];
}

export function boxWidth(step: DrawnStep): number {
  const idWidth = advanceOf(shorten(step.id, ID_CHARACTERS_MAX)) * ID_ADVANCE;
  const factsWidth = advanceOf(factsOf(step)) * FACTS_ADVANCE;
  return Math.max(WIDTH_MIN, Math.ceil(2 * PADDING + Math.max(idWidth, factsWidth) + (step.state === null ? 0 : SIGN_WIDTH)));
}
