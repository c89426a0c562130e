/** What runs ask people, and what people answer. */
import type { Api } from "../api.ts";
import { callerOf } from "../guard.ts";
import { DecisionBody, PendingList, ProblemAnswer, Run, RunParams } from "../schemas.ts";
import type { Decision, RunService } from "../service.ts";

export function approvalRoutes(app: Api, service: RunService): void {
  app.get(
    "/approvals",
    { config: { right: "read" }, schema: { summary: "What waits for a person", tags: ["approvals"], response: { 200: PendingList } } },
    (request) => service.approvals(callerOf(request)),
  );
  app.post(
    "/approvals/:run",
    {
      config: { right: "approve" },
      schema: {
        summary: "Decide what a run asks",
        tags: ["approvals"],
        params: RunParams,
        body: DecisionBody,
        response: { 200: Run, "4xx": ProblemAnswer },
      },
    },
    (request) => service.decide(request.params.run, request.body as Decision, callerOf(request)), // The schema says what it is.
  );
}
