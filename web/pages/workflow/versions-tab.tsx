/** What was deployed under this name, and what differs between two of them. */
import type { WorkflowVersion, WorkflowView } from "../../../src/contract/workflow-view.ts";
import { place, setQuery } from "../../shell/router.ts";
import { TextDiff } from "../../text-diff/text-diff.tsx";
import { Load } from "../../ui/states.tsx";
import { CopyId, Time } from "../../ui/texts.tsx";
import { useLoaded } from "../../ui/use-loaded.ts";
import { loadVersion } from "./deployed.ts";

export function VersionsTab({ view }: { readonly view: WorkflowView }) {
  const { history, version } = view;
  const { query } = place.value;
  const known = (name: string): string | undefined => history.find((one) => one.version === query.get(name))?.version;
  const right = known("right") ?? version;
  const left = known("left") ?? history[history.findIndex((one) => one.version === right) + 1]?.version ?? null;
  return (
    <div class="stack">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard */}
      <div class="grid-holder" tabIndex={0}>
        <table class="grid">
          <caption class="hidden">Versions, newest first</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col">Version</th>
              <th scope="col">Deployed</th>
              <th scope="col">By</th>
              <th scope="col" />
            </tr>
          </thead>
          <tbody>
            {history.map((one) => (
              <VersionRow key={one.version} one={one} left={left} right={right} current={version} name={view.name} />
            ))}
          </tbody>
        </table>
      </div>
      {left === null ? <p class="soft">It has one version only.</p> : <Difference view={view} left={left} right={right} />}
    </div>
  );
}

interface RowProps {
  readonly one: WorkflowVersion;
  readonly left: string | null;
  readonly right: string;
  readonly current: string;
  readonly name: string;
}

function VersionRow({ one: { version, deployedAt, deployedBy }, left, right, current, name }: RowProps) {
  const choice = (side: "left" | "right", chosen: string | null, says: string) => (
    <input
      type="radio"
      name={side}
      aria-label={`${says} ${version.slice(0, 12)}`}
      checked={version === chosen}
      onChange={() => setQuery({ [side]: version })}
    />
  );
  return (
    <tr>
      <td>{choice("left", left, "From")}</td>
      <td>{choice("right", right, "To")}</td>
      <th scope="row">
        <CopyId id={version} text={version.slice(0, 12)} /> {version === current && <span class="tag">now</span>}
      </th>
      <td>
        <Time at={deployedAt} />
      </td>
      <td>{deployedBy}</td>
      <td>
        {version !== current && (
          <a href={`/workflows/${encodeURIComponent(name)}/source?from=${version}`}>
            Open <span class="hidden">{version.slice(0, 12)} </span>in the editor
          </a>
        )}
      </td>
    </tr>
  );
}

function Difference({ view: { name }, left, right }: { readonly view: WorkflowView; readonly left: string; readonly right: string }) {
  const both = useLoaded(`${left}/${right}`, (signal) => Promise.all([loadVersion(name, left, signal), loadVersion(name, right, signal)]));
  return (
    <Load of={both}>
      {([older, newer]) => (
        <TextDiff label={`What differs between ${left.slice(0, 12)} and ${right.slice(0, 12)}`} left={older.source} right={newer.source} />
      )}
    </Load>
  );
}
