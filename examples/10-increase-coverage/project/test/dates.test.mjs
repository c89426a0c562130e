import assert from "node:assert/strict";
import { test } from "node:test";
import { isLeapYear } from "../src/dates.mjs";

test("every fourth year is a leap year", () => assert.ok(isLeapYear(2024)));
test("most centuries are not", () => assert.ok(!isLeapYear(1900)));
