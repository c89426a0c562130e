import assert from "node:assert/strict";
import { test } from "node:test";
import { addCents, formatCents } from "./money.mjs";

test("cents add up", () => assert.equal(addCents(10, 20), 30));
test("an amount has two decimals", () => assert.equal(formatCents(1250), "12.50"));
