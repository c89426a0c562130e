// A package registry in a folder: `upload FILE` from out/, `publish FILE` makes it the latest, `remove FILE` takes it back.
// While registry/frozen exists, nothing is published.
import { copyFileSync, existsSync, rmSync, writeFileSync } from "node:fs";

const [action, file] = process.argv.slice(2);
switch (action) {
  case "upload":
    copyFileSync(`out/${file}`, `registry/${file}`);
    break;
  case "remove":
    rmSync(`registry/${file}`, { force: true });
    break;
  case "publish":
    if (existsSync("registry/frozen")) {
      process.stderr.write("The registry is frozen.\n");
      process.exitCode = 1;
    } else {
      writeFileSync("registry/latest", `${file}\n`);
    }
    break;
  default:
    process.stderr.write(`There is no action ${action}.\n`);
    process.exitCode = 2;
}
