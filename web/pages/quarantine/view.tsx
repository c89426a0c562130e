/** Steps that a person must look at before anything goes on. */
import { useState } from "preact/hooks";
import type { QuarantinedView } from "../../../src/contract/quarantined-view.ts";
import { get } from "../../api/request.ts";
import { useFeed } from "../../live/use-feed.ts";
import type { PageProps } from "../../shell/page-props.ts";
import { go, place, setQuery } from "../../shell/router.ts";
import { isNarrow } from "../../ui/narrow.ts";
import { Page } from "../../ui/page.tsx";
import { Split } from "../../ui/split.tsx";
import { Empty, Load } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";
import { Time } from "../../ui/texts.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { BulkBar } from "./bulk-bar.tsx";
import { Released } from "./released.tsx";
import { StepOut } from "./step-out.tsx";
import { byWorkflow, keyOf } from "./ways-out.ts";
import "./quarantine.css";

export function View({ parts: { run, step } }: PageProps) {
  const held = useLoaded("quarantine", (signal) => get<readonly QuarantinedView[]>("/quarantine", { signal }), { everyMs: 15_000 });
  useFeed({
    heard: ({ type }) => /\.quarantined$|^run\.(resumed|succeeded|failed|canceled)$/.test(type) && held.reload(),
    joined: held.reload,
  });
  return (
    <Page title="Quarantine" isFilled>
      <Load of={held}>{(all) => <Quarantine all={all} run={run} step={step} reload={held.reload} />}</Load>
    </Page>
  );
}

interface QuarantineProps {
  readonly all: readonly QuarantinedView[];
  readonly run: string | undefined;
  readonly step: string | undefined;
  readonly reload: () => void;
}

function Quarantine({ all, run, step, reload }: QuarantineProps) {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const workflow = place.value.query.get("workflow");
  const rows = workflow === null ? all : all.filter((one) => one.workflow === workflow);
  const chosen = run === undefined ? rows[0] : all.find((one) => one.run === run && (step === undefined || one.step === step));
  const selected = rows.filter((one) => keys.has(keyOf(one)));
  const linkTo = (one: QuarantinedView): string =>
    `/quarantine/${one.run}/${encodeURIComponent(one.step)}${workflow === null ? "" : `?workflow=${encodeURIComponent(workflow)}`}`;
  const empty = (
    <Empty title="Nothing is in quarantine" icon="quarantine">
      A step comes here when nobody but a person can say what is to become of it.
    </Empty>
  );
  const left = (): void => {
    setKeys(new Set());
    reload();
    const next = rows.find((one) => one !== chosen);
    go(next === undefined || isNarrow.peek() ? "/quarantine" : linkTo(next), { replace: true });
  };
  if (all.length === 0 && run === undefined) return empty;
  return (
    <Split
      isChosen={run !== undefined}
      back={{ to: "/quarantine", text: "All of the quarantine" }}
      list={
        <div class="quarantine-list">
          <Filter all={all} workflow={workflow} />
          <BulkBar
            selected={selected}
            total={rows.length}
            selectAll={() => setKeys(new Set(selected.length === rows.length ? [] : rows.map(keyOf)))}
            left={() => {
              setKeys(new Set());
              reload();
            }}
          />
          <Table
            label="Quarantined steps"
            rows={rows}
            keyOf={keyOf}
            linkOf={linkTo}
            nameOf={(one) => `${one.workflow}, step ${one.step}`}
            columns={[{ head: "Step", width: "1fr", cell: (one) => <Row one={one} /> }]}
            narrow={(one) => <Row one={one} />}
            rowHeight={72}
            selection={{ keys: new Set(selected.map(keyOf)), change: setKeys }}
            currentKey={chosen === undefined || (isNarrow.value && run === undefined) ? null : keyOf(chosen)}
            empty={<Empty title="None of this workflow" />}
          />
        </div>
      }
      detail={
        chosen === undefined ? (
          run !== undefined && <Released run={run} step={step ?? null} />
        ) : (
          <StepOut key={keyOf(chosen)} one={chosen} left={left} />
        )
      }
    />
  );
}

function Filter({ all, workflow }: { readonly all: readonly QuarantinedView[]; readonly workflow: string | null }) {
  const counts = byWorkflow(all);
  if (counts.length < 2 && workflow === null) return null;
  return (
    <fieldset class="quarantine-filter">
      <legend class="hidden">Workflow</legend>
      {counts.map(({ workflow: name, count }) => (
        <button
          key={name}
          type="button"
          class="chip"
          aria-pressed={name === workflow}
          onClick={() => setQuery({ workflow: name === workflow ? null : name })}
        >
          {name} <span class="num">{count}</span>
        </button>
      ))}
    </fieldset>
  );
}

function Row({ one: { workflow, step, because, since } }: { readonly one: QuarantinedView }) {
  return (
    <div class="split-row">
      <div class="row">
        <span class="ellipsis">
          <span class="soft">{workflow} / </span>
          {step}
        </span>
        <span class="soft small num">
          <Time at={since} />
        </span>
      </div>
      <span class="soft small ellipsis">{because}</span>
    </div>
  );
}
