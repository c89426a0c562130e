/** Writes the boards of Grafana from their descriptions in `tools/grafana/`. */

import { emitFile } from "./generated-file.ts";
import { buildBoard } from "./grafana/build-board.ts";
import { engineBoard } from "./grafana/engine-board.ts";
import { overviewBoard } from "./grafana/overview-board.ts";
import { runBoard } from "./grafana/run-board.ts";
import { toolsBoard } from "./grafana/tools-board.ts";

for (const board of [overviewBoard, runBoard, toolsBoard, engineBoard])
  emitFile(`observability/grafana/dashboards/${board.uid}.generated.json`, `${JSON.stringify(buildBoard(board), null, 2)}\n`);
