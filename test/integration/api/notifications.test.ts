import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, expect, test } from "vitest";
import type { NotificationsView } from "../../../src/contract/notification-view.ts";
import { folderOfFile, type OpenApi, openApi } from "../../support/api-bench.ts";

let api: OpenApi;
const state = folderOfFile(() => api);

beforeAll(async () => {
  api = await openApi(state);
  const db = new DatabaseSync(join(state, "troupe.db"));
  const insert = db.prepare(
    `INSERT INTO notifications (id, rule, channel, tenant, type, action, thread, scope, window_at, gathers, state, facts, at, due_at, error)
     VALUES (?, 'oncall', 'slack', ?, 'run.failed', 'trigger', 't', '', 1, 0, 'failed', '{"what":"it broke"}', 5, 5, 'It answered 404')`,
  );
  insert.run("msg_own", "default");
  insert.run("msg_foreign", "other");
  db.close();
});

test("the API tells of notifications of the caller's tenant, and of no other (S-31)", async () => {
  for (const [tenant, id] of [
    ["default", "msg_own"],
    ["other", "msg_foreign"],
  ] as const) {
    const answer = (await (await api.call(api.token("viewer", tenant), "GET", "/api/v1/notifications")).json()) as NotificationsView;
    expect(answer.deliveries.map((one) => [one.id, one.state, one.what, one.error, one.dueAt])).toEqual([
      [id, "failed", "it broke", "It answered 404", null],
    ]);
  }
});
