/** Opens an address in the browser of whoever sits here. */
import { spawn } from "node:child_process";
import type { Context } from "./context.ts";

/** False where nobody sits in front of a screen. What the opener then does is its own business. */
export function openBrowser(url: string, { env }: Pick<Context, "env">): boolean {
  const [program, ...words] = openerOf(env);
  if (program === undefined) return false;
  const child = spawn(program, [...words, url], { detached: true, stdio: "ignore" });
  child.on("error", () => {}); // It is not installed; the address was printed.
  child.unref();
  return true;
}

function openerOf(env: Context["env"]): readonly string[] {
  if (process.platform === "darwin") return ["open"];
  if (process.platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  const { DISPLAY = "", WAYLAND_DISPLAY = "" } = env;
  return DISPLAY === "" && WAYLAND_DISPLAY === "" ? [] : ["xdg-open"];
}
