import { Page } from "../../ui/page.tsx";
import { Empty } from "../../ui/states.tsx";

export function View() {
  return (
    <Page title="Runs">
      <Empty title="No runs" />
    </Page>
  );
}
