/** What the pages beside the runs show, made by real workflows on a real server. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { eventually } from "../support/eventually.ts";
import type { Dashboard, Visit } from "./dashboard.ts";

export const NIGHTLY = (word: string): string => `apiVersion: troupe/v1
name: nightly
title: Builds and measures every night
input:
  load: { type: integer, minimum: 1, maximum: 500, description: In tonnes }
  site:
    type: object
    required: [name]
    properties:
      name: { type: string, pattern: "^[A-Z]" }
      email: { type: string, format: email }
  grade: { enum: [C20, C25, C30], default: C25 }
  piles: { type: array, items: { type: number, minimum: 0 }, maxItems: 3, default: [1.5, 2] }
  dry: { type: boolean, default: false }
steps:
  - { id: checkout, run: "true", timeout: 30s, cost: { duration: 3s } }
  - { id: lint, needs: [checkout], run: "true", timeout: 30s, cost: { duration: 8s } }
  - { id: unit, title: Unit tests, needs: [checkout], run: "true", timeout: 30s, retry: { max: 3, base: 1s }, cost: { duration: 40s } }
  - { id: build, needs: [lint, unit], run: "echo ${word} {{ input.load }} {{ input.site.name }} {{ input.grade }} {{ input.piles }} {{ input.dry }}", timeout: 1m, stdout: text }
output: { said: "{{ steps.build.output }}" }
`;

export const ASK = `apiVersion: troupe/v1
name: ship
input:
  version: { type: string, default: "1.4.2" }
  environment: { enum: [staging, production], default: production }
risk:
  - { when: input.environment == 'production', score: 80, reason: It is production }
steps:
  - id: ask
    type: approval
    prompt: "Deploy {{ input.version }} to {{ input.environment }}?"
    show: { version: "{{ input.version }}", environment: "{{ input.environment }}" }
    fields: { ticket: { type: string, pattern: "^OPS-[0-9]+$", description: Number of the change request } }
    expires: { after: 4h, then: reject }
  - { id: deploy, needs: [ask], run: "echo {{ steps.ask.output.fields.ticket }}", timeout: 1m, stdout: text }
output: { ticket: "{{ steps.deploy.output }}" }
`;

export const FOUR_EYES = `apiVersion: troupe/v1
name: pay
steps:
  - { id: own, type: approval, prompt: "Pay 12,000 to the builder?", four_eyes: true }
`;

export const OTHERS = `apiVersion: troupe/v1
name: archive
steps:
  - { id: theirs, type: approval, prompt: "May the archive be emptied?", who: [records, eve] }
`;

/** Ends in quarantine, until there is a file `well`. */
export const HELD = (name: string): string => `apiVersion: troupe/v1
name: ${name}
steps:
  - id: transfer
    run: "[ -f well ] || { echo 'the bank did not answer' >&2; exit 75; }"
    timeout: 10s
    retry: { max: 1, base: 10ms, jitter: none, on_exhausted: quarantine }
  - { id: book, needs: [transfer], run: "echo booked", timeout: 10s }
`;

/** Opens the breaker of an address where nobody listens. */
const CALLS = `apiVersion: troupe/v1
name: calls
steps:
  - { id: tell, type: webhook, url: "http://127.0.0.1:9/x", network: private, hosts: ["127.0.0.1:9"], timeout: 5s, retry: { max: 8, base: 10ms, strategy: fixed } }
`;

const WRITES = `apiVersion: troupe/v1
name: writes
steps:
  - { id: write, type: agent, tool: claude_code, prompt: "Write a line.", timeout: 1m }
`;

export const REPORT = `apiVersion: troupe/v1
name: report
input: { day: { type: string } }
on:
  schedule:
    - { cron: "0 6 * * 1-5", timezone: Asia/Tokyo, name: mornings, input: { day: "{{ schedule.at }}" } }
    - { cron: "@monthly", overlap: queue, catchup: none, input: { day: any } }
steps:
  - { id: write, run: "echo {{ input.day }}", timeout: 1m }
`;

/** Tells of failures to an address where nobody listens. */
const CONFIG = `notify:
  - name: failures
    on: [run.failed]
    to: { webhook: { url: "http://127.0.0.1:9/troupe", secret: { env: TROUPE_NOTIFY_KEY } } }
    once_per: run
`;

const ROUTER = `builtins: false
tools:
  - { name: claude_code, adapter: claude_code }
  - { name: tidy, adapter: command, command: [./tidy.sh], capabilities: [code-edit] }
  - { name: absent, adapter: command, command: [./absent.sh], capabilities: [code-edit] }
`;

/** Tools, money that was spent, a breaker that is open, and somebody who is told of failures. */
export async function fillPlant(board: Dashboard): Promise<void> {
  writeFileSync(join(board.folder, "troupe.config.yaml"), CONFIG);
  await board.restart();
  writeFileSync(join(board.folder, "router.yaml"), ROUTER);
  writeFileSync(join(board.folder, "tidy.sh"), "#!/bin/sh\ncat > /dev/null\necho tidied\n");
  chmodSync(join(board.folder, "tidy.sh"), 0o755);
  const wrote = await board.start(WRITES);
  await board.start(CALLS);
  await board.until(wrote, "succeeded");
  await eventually(async () => expect(await board.call<unknown[]>("GET", "/breakers")).not.toEqual([]), 20_000);
}

export async function deploy(board: Dashboard, name: string, source: string): Promise<void> {
  await board.call("PUT", `/workflows/${name}`, { source });
}

/** A browser tells its console of every answer that is an error; these were asked for. */
export function forget({ complaints }: Visit, ...expected: readonly RegExp[]): void {
  const others = complaints.filter((text) => !expected.some((pattern) => pattern.test(text)));
  complaints.splice(0, complaints.length, ...others);
}
