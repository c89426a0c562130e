/** Who uses the page, and what he may do. */
import { computed, signal } from "@preact/signals";
import type { SessionView } from "../../src/contract/session-view.ts";
import { type Problem, problemOf } from "./problem.ts";
import { change, credentials, get } from "./request.ts";

export type Right = SessionView["rights"][number];

export type Session =
  | { readonly kind: "opening" }
  | { readonly kind: "none"; readonly problem: Problem | null }
  | { readonly kind: "open"; readonly view: SessionView };

export const session = signal<Session>({ kind: "opening" });
export const whoami = computed(() => (session.value.kind === "open" ? session.value.view : null));

credentials.lost = () => close(null);

function close(problem: Problem | null): void {
  credentials.csrf = null;
  session.value = { kind: "none", problem };
}

/** With the ticket of the link, which opens once, or with the cookie that is there already. */
export async function openSession(): Promise<void> {
  const asked = new URLSearchParams(location.hash.slice(1));
  const ticket = asked.get("ticket");
  if (ticket === null) return await take(() => get<SessionView>("/session"));
  history.replaceState(null, "", location.pathname + location.search);
  await signIn({ ticket });
}

export async function signIn(secret: { readonly ticket: string } | { readonly key: string }): Promise<void> {
  await take(async () => {
    await change("POST", "/session", { body: secret });
    return await get<SessionView>("/session");
  });
}

export async function signOut(): Promise<void> {
  await change("DELETE", "/session").catch(() => {}); // Its cookie is no use any more either way.
  close(null);
}

async function take(ask: () => Promise<SessionView>): Promise<void> {
  try {
    const view = await ask();
    credentials.csrf = view.csrf;
    session.value = { kind: "open", view };
  } catch (thrown) {
    const problem = problemOf(thrown);
    const isStranger = problem.status === 401 && location.hash === "" && session.peek().kind === "opening";
    close(isStranger ? null : problem);
  }
}

const WORDS: Readonly<Record<Right, string>> = {
  read: "look at runs",
  operate: "start and steer runs",
  approve: "decide approvals",
  edit: "change workflows",
};

/** Why the user may not do it; null where he may. The server checks it again, whatever is shown. */
export function whyNotAllowed(right: Right): string | null {
  const view = whoami.value;
  if (view?.rights.includes(right)) return null;
  return `A key with the role ${view?.role ?? "viewer"} may not ${WORDS[right]}.`;
}
