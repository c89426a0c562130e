/** Says that what is shown may be old. Nothing while all is well. */
import { feedHealth, reconnect } from "../live/feed.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { now } from "../ui/now.ts";

export function ConnectionBar() {
  const health = feedHealth.value;
  return (
    <div role="status" class="connection-holder">
      {health.kind === "lost" && <Lost retryAt={health.retryAt} />}
      {health.kind === "polling" && (
        <p class="connection">
          <Icon name="quarantine" />
          <span class="grow">No live connection: this page asks every few seconds instead.</span>
        </p>
      )}
    </div>
  );
}

function Lost({ retryAt }: { readonly retryAt: number }) {
  const seconds = Math.ceil((retryAt - now.value) / 1_000);
  return (
    <p class="connection">
      <Icon name="quarantine" />
      <span class="grow">
        Connection lost, reconnecting
        <span aria-hidden="true">{seconds > 0 ? ` in ${seconds}s` : " …"}</span>
      </span>
      <Button tone="quiet" run={reconnect}>
        Now
      </Button>
    </p>
  );
}
