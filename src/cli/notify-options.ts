/** Who is told of what by an engine of this process, as the configuration says. */
import { RequestError } from "../core/errors.ts";
import type { NotifyOptions } from "../main/notify/shape.ts";
import type { NotifyRule } from "../plan/notify-rule.ts";
import { readNotifyRules } from "./config-file.ts";
import type { Context } from "./context.ts";
import type { Settings } from "./settings.ts";

/** @throws DefinitionErrors, RequestError CONFIG_INVALID */
export async function notifyOptionsFor({ env }: Pick<Context, "env">, { files, values }: Settings): Promise<NotifyOptions> {
  const rules: NotifyRule[] = [];
  for (const { file, kind } of files) {
    for (const rule of await readNotifyRules(file, kind)) {
      if (rules.some(({ name }) => name === rule.name))
        throw new RequestError(
          "CONFIG_INVALID",
          { problem: `Both your project and your own configuration have a rule \`${rule.name}\`.` },
          { fix: `Rename the one in ${file}.` },
        );
      rules.push(rule);
    }
  }
  return { rules, publicUrl: values.public_url === "" ? null : values.public_url, network: values.notify_network, env };
}
