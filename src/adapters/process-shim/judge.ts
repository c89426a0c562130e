/** The truth table of reliability §5: what the evidence about an attempt in flight means. Success or failure is never assumed (I-14). */

/** All that can be found out about an attempt, once its engine is dead. */
export interface Evidence {
  /** `absent`: no control directory, or one without a readable `spec.json`. */
  readonly directory: "present" | "absent";
  /** `bad`: partial, garbage, too big, a link, or of another token. */
  readonly result: "valid" | "bad" | "none";
  readonly claim: "supervisor" | "revoked" | "absent";
  /** Whether the machine has been up without a break since the attempt was prepared. */
  readonly sameBoot: boolean;
  readonly supervisorAlive: boolean;
  /** The child, or any other process that carries the token. */
  readonly childAlive: boolean;
  /** Our own try to take the claim away. */
  readonly revoke: "untried" | "won" | "lost";
}

export type Judgement =
  | { readonly kind: "record" }
  | { readonly kind: "alive" }
  /** Try to take the claim, then judge again. */
  | { readonly kind: "revoke" }
  /** The supervisor came first in the meantime: look at everything again. */
  | { readonly kind: "again" }
  | { readonly kind: "not_started"; readonly reason: string }
  /** `sweep`: processes of it may live and have to end first. */
  | { readonly kind: "lost"; readonly sweep: boolean; readonly reason: string };

export function judge(evidence: Evidence): Judgement {
  if (evidence.directory === "absent") return lost("Its control directory is missing.", true);
  if (evidence.result === "valid") return { kind: "record" };
  if (evidence.result === "bad") return lost("Its result file is damaged or not its own; the files are kept as evidence.", true);
  // Missing files prove nothing after a power cut.
  if (!evidence.sameBoot) return lost("The machine was restarted while it was in flight.", false);
  switch (evidence.claim) {
    case "supervisor":
      if (evidence.supervisorAlive) return { kind: "alive" };
      if (evidence.childAlive) return lost("Its supervisor died before it; nobody could read its exit code, so it was ended.", true);
      return lost("Its supervisor died and left no result.", true);
    case "revoked":
      return { kind: "not_started", reason: "It had not begun and was revoked." };
    case "absent":
      if (evidence.revoke === "untried") return { kind: "revoke" };
      if (evidence.revoke === "lost") return { kind: "again" };
      return { kind: "not_started", reason: "It had not begun when its engine ended." };
  }
}

function lost(reason: string, sweep: boolean): Judgement {
  return { kind: "lost", sweep, reason };
}
