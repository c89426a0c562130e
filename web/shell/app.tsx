/** The page around the pages: who is signed in, where one can go, what is connected. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Problem, problemOf } from "../api/problem.ts";
import { session } from "../api/session.ts";
import { QuestionDialog } from "../ui/dialog.tsx";
import { Empty, ProblemBox, Skeleton } from "../ui/states.tsx";
import { Toasts } from "../ui/toast.tsx";
import { ConnectionBar } from "./connection.tsx";
import { KeyHelp, showKeys } from "./key-help.tsx";
import { useKeys } from "./keys.ts";
import { Navigation } from "./navigation.tsx";
import type { PageProps } from "./page-props.ts";
import { HOME, PAGES, type PageEntry } from "./pages.ts";
import { go, matchPath, place } from "./router.ts";
import { SignIn } from "./sign-in.tsx";
import { toggleTheme } from "./theme.ts";
import "./shell.css";

export function App() {
  const state = session.value;
  return (
    <>
      {state.kind === "opening" && <Skeleton says="Opening the session" lines={3} />}
      {state.kind === "none" && <SignIn problem={state.problem} />}
      {state.kind === "open" && <Shell />}
      <QuestionDialog />
      <Toasts />
      <KeyHelp />
    </>
  );
}

function Shell() {
  useKeys("Everywhere", [
    { keys: "?", says: "Show the keys", run: () => showKeys() },
    { keys: "/", says: "Search", run: () => document.querySelector<HTMLElement>("[data-search]")?.focus() },
    { keys: "t", says: "Light or dark", run: toggleTheme },
    ...PAGES.flatMap(({ nav }) => (nav === undefined ? [] : [{ keys: `g ${nav.key}`, says: `Go to ${nav.name}`, run: () => go(nav.to) }])),
  ]);
  return (
    <div class="shell">
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <Navigation />
      <main id="content" tabIndex={-1}>
        <ConnectionBar />
        <CurrentPage />
      </main>
    </div>
  );
}

/** Where one comes in, but nobody stays; the link that signs in leads to the second. */
const DOORS: ReadonlySet<string> = new Set(["/", "/login"]);

function CurrentPage() {
  const { path } = place.value;
  const isDoor = DOORS.has(path);
  useEffect(() => {
    if (isDoor) go(HOME, { replace: true });
  }, [isDoor]);
  for (const entry of PAGES) {
    const parts = matchPath(entry.pattern, path);
    if (parts !== null) return <LoadedPage key={entry.pattern} entry={entry} parts={parts} />;
  }
  if (isDoor) return <Skeleton />;
  return (
    <Empty title="There is no such page">
      <a href={HOME}>Look at the runs</a>
    </Empty>
  );
}

/** Pages that were loaded are there at once. */
const loaded = new Map<PageEntry, ComponentType<PageProps>>();

function LoadedPage({ entry, parts }: { readonly entry: PageEntry; readonly parts: PageProps["parts"] }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [View, setView] = useState<ComponentType<PageProps> | null>(() => loaded.get(entry) ?? null);
  useEffect(() => {
    if (View !== null) return;
    entry.load().then(
      (module) => {
        loaded.set(entry, module.View);
        setView(() => module.View);
      },
      (thrown: unknown) => setProblem({ ...problemOf(thrown), fix: "Load the page again: the server may have a newer one." }),
    );
  }, [entry]);
  if (problem !== null) return <ProblemBox problem={problem} retry={() => location.reload()} />;
  return View === null ? <Skeleton /> : <View parts={parts} />;
}
