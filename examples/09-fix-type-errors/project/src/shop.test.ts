import assert from "node:assert/strict";
import { test } from "node:test";
import { line, total } from "./invoice.ts";
import { label } from "./label.ts";
import { isPaid } from "./payment.ts";
import { discounted, gross } from "./price.ts";

test("a price has its tax", () => assert.equal(gross(1000), 1200));
test("a discount is a share of the price", () => assert.equal(discounted(1000, 10), 900));
test("a label is trimmed", () => assert.equal(label(" screw ", 4), "screw x 4"));
test("what is paid is enough", () => assert.ok(isPaid(100, 100)));
test("an invoice has gross prices", () => assert.equal(total(100), 120));
test("a line has its price", () => assert.equal(line("screw", 100), "screw x 120"));
