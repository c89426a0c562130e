import assert from "node:assert/strict";
import { test } from "node:test";
import { slugify } from "../src/text.mjs";

test("a slug has small letters and dashes", () => assert.equal(slugify(" Nuts & Bolts "), "nuts-bolts"));
