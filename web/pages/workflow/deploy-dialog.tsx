import { TextDiff } from "../../text-diff/text-diff.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Time } from "../../ui/texts.tsx";

/** `before` is what is deployed now, and `tag` says so to the server. */
export type Deploying =
  | { readonly kind: "asking"; readonly before: string; readonly tag: string | null }
  /** Somebody else was faster. */
  | { readonly kind: "conflict"; readonly before: string; readonly tag: string | null; readonly by: string; readonly at: number };

interface DeployDialogProps {
  readonly name: string;
  readonly text: string;
  readonly deploying: Deploying;
  readonly deploy: (tag: string | null) => Promise<void>;
  readonly takeTheirs: (text: string) => void;
  readonly close: () => void;
}

export function DeployDialog({ name, text, deploying, deploy, takeTheirs, close }: DeployDialogProps) {
  const { before, tag } = deploying;
  const isConflict = deploying.kind === "conflict";
  const isNew = !isConflict && tag === null;
  return (
    <Dialog title={isConflict ? `${name} has changed meanwhile` : `Deploy ${name}?`} isWide close={close}>
      {isConflict && (
        <p>
          {deploying.by} deployed another version <Time at={deploying.at} />. This is what differs between that one and yours: what is
          removed here would be lost.
        </p>
      )}
      {!isConflict && <p>Runs that are under way keep the version that they were started with. New ones take this one.</p>}
      {isNew ? <p class="soft">It is new.</p> : <TextDiff label="What differs" left={before} right={text} />}
      <div class="dialog-actions">
        <Button run={close}>Go on editing</Button>
        {isConflict && <Button run={() => takeTheirs(before)}>Take theirs</Button>}
        <Button tone={isConflict ? "danger" : "primary"} run={() => deploy(tag)}>
          {isConflict ? "Deploy mine over it" : "Deploy"}
        </Button>
      </div>
    </Dialog>
  );
}
