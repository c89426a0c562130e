import assert from "node:assert/strict";
import { test } from "node:test";
import { slug } from "../src/text/slug.js";
import { title } from "../src/text/title.js";

test("a slug has no blanks", () => assert.equal(slug("Ada Lovelace"), "ada-lovelace"));
test("a title has its slug", () => assert.equal(title("A B"), "A B (a-b)"));
