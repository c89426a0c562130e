import { expect, test } from "vitest";
import { check } from "../../src/main/index.ts";
import { TEMPLATES } from "../../web/pages/workflow/templates.ts";

test.each(TEMPLATES.map(({ id, source }) => [id, source] as const))(
  "the dashboard's template %s has nothing to be remarked on",
  (_, source) => {
    expect(check(source).findings).toEqual([]);
  },
);
