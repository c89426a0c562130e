import type { Problem } from "../api/problem.ts";
import { openSession, signIn } from "../api/session.ts";
import { Button } from "../ui/button.tsx";
import { Page } from "../ui/page.tsx";
import { ProblemBox } from "../ui/states.tsx";

/** Asks for a key. It goes to the server once, for a cookie that scripts cannot read; the page keeps nothing. */
export function SignIn({ problem }: { readonly problem: Problem | null }) {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement; // It is the form below.
    const key = String(new FormData(form).get("key") ?? "").trim();
    if (key !== "") void signIn({ key });
  };
  return (
    <main class="sign-in">
      <Page title="Sign in" heading={<Brand />}>
        <form class="stack" onSubmit={submit}>
          <label class="field">
            <span>Key</span>
            <input type="password" name="key" placeholder="tr_…" autocomplete="off" spellcheck={false} required autofocus />
          </label>
          <Button type="submit" tone="primary">
            Sign in
          </Button>
          {problem !== null && problem.status !== 0 && <ProblemBox problem={problem} />}
          {problem?.status === 0 && <ProblemBox problem={problem} retry={() => void openSession()} />}
          <p class="soft small">
            <code>troupe serve</code> prints a link that signs in by itself, and a key. <code>troupe keys create</code> makes others, for
            roles that may do less.
          </p>
        </form>
      </Page>
    </main>
  );
}

function Brand() {
  return (
    <span class="brand">
      <img src="/icon.svg" alt="" width="28" height="28" />
      Troupe
    </span>
  );
}
