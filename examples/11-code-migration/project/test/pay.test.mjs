import assert from "node:assert/strict";
import { test } from "node:test";
import currency from "../src/pay/currency.js";
import { total } from "../src/pay/total.js";

test("an amount has two decimals", () => assert.equal(currency(1250), "12.50 EUR"));
test("lines add up", () => assert.equal(total([{ cents: 1 }, { cents: 2 }]), "0.03 EUR"));
