/** What runs ask people, and what people answer. */
import type { Api } from "../api.ts";
import { callerOf } from "../guard.ts";
import { DecisionBody, PendingList, Run, RunParams } from "../schemas/runs.ts";
import type { Decision, RunService } from "../service.ts";
import { about, needs } from "./about.ts";

export function approvalRoutes(app: Api, service: RunService): void {
  app.get(
    "/approvals",
    {
      config: needs("read"),
      schema: about({ id: "listApprovals", summary: "What waits for a person", tag: "approvals", answers: { 200: PendingList } }),
    },
    (request) => service.approvals(callerOf(request)),
  );
  app.post(
    "/approvals/:run",
    {
      config: needs("approve"),
      schema: {
        ...about({ id: "decideApproval", summary: "Decide what a run asks", tag: "approvals", answers: { 200: Run } }),
        params: RunParams,
        body: DecisionBody,
      },
    },
    (request) => service.decide(request.params.run, request.body as Decision, callerOf(request)), // The schema says what it is.
  );
}
