/** The dashboard: one page that asks the API of the server it came from, and nothing else. */
import { render } from "preact";
import { openSession } from "./api/session.ts";
import { App } from "./shell/app.tsx";
import { listenToKeys } from "./shell/keys.ts";
import { listenToLinks } from "./shell/router.ts";
import { listenToTheme } from "./shell/theme.ts";
import "./look/colours.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/states.css";
import "./styles/overlays.css";
import "./styles/content.css";

listenToTheme();
listenToKeys();
listenToLinks();
void openSession();

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
