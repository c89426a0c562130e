import assert from "node:assert/strict";
import { test } from "node:test";
import { receipt } from "../src/receipt.js";

test("a receipt has a row for each line", () => assert.equal(receipt("A", [{ article: "nut", cents: 8 }]).split("\n").length, 3));
