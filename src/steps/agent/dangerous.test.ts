import { expect, test } from "vitest";
import { findDangerous } from "./dangerous.ts";

test.each([
  ["--dangerously-skip-permissions"],
  ["--allow-dangerously-skip-permissions"],
  ["--permission-mode", "bypassPermissions"],
  ["--permission-mode=bypassPermissions"],
  ["--permission-mode", "auto"],
  ["--dangerously-bypass-approvals-and-sandbox"],
  ["--sandbox", "danger-full-access"],
  ["--sandbox=danger-full-access"],
  ["-c", 'sandbox_mode="danger-full-access"'],
  ["--full-auto"],
  ["--yolo"],
  ["-yolo"],
  ["--approval-mode", "yolo"],
  ["--approval-mode=YOLO"],
  ["--approvalMode", "yolo"],
  ["--skip-trust"],
  ["--yes-always-commands"],
])("%s %s gives up a protection (S-11)", (...args) => {
  expect(findDangerous(["agent", ...args])).toBeGreaterThan(0);
});

test.each([["--permission-mode", "plan"], ["--sandbox", "read-only"], ["--yes-always"], ["--model", "auto"], ["--danger"]])(
  "%s %s does not",
  (...args) => {
    expect(findDangerous(["agent", ...args.filter((arg) => arg !== undefined)])).toBe(-1);
  },
);
