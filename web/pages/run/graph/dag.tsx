/**
 * A graph that is moved by dragging, zoomed by the wheel with Ctrl (or two fingers) and walked with the arrow keys. Moving changes one
 * attribute of the drawing; nothing is drawn anew for it.
 */
import { Component, type RefObject } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { GraphEdge, GraphView } from "../../../../src/contract/graph-view.ts";
import { Button } from "../../../ui/button.tsx";
import type { NodeLook } from "./looks.ts";
import { Node } from "./node.tsx";
import { fitted, opened, reveal, type ViewBox, zoomAt } from "./view-box.ts";
import { type Way, walk } from "./walk.ts";
import "./graph.css";

interface DagProps {
  readonly graph: GraphView;
  readonly looks: ReadonlyMap<string, NodeLook>;
  readonly chosen: string | null;
  readonly choose: (id: string) => void;
}

const WAYS: Readonly<Record<string, Way>> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };
/** Below this the texts would be specks. */
const TEXT_ZOOM_MIN = 0.38;
/** So far a pointer moves before a press is a drag. */
const DRAG_MIN = 4;

export function Dag({ graph, looks, chosen, choose }: DagProps) {
  const screen = useRef<HTMLDivElement>(null);
  const [walked, setWalked] = useState<string | null>(null);
  const [showsCritical, setShowsCritical] = useState(false);
  const camera = useCamera(screen, graph);
  const entry = walked ?? chosen ?? graph.nodes[0]?.id ?? null;
  const walkTo = (id: string): void => {
    setWalked(id);
    const node = graph.nodes.find((one) => one.id === id);
    if (node !== undefined) camera.reveal(node);
    screen.current?.querySelector<SVGElement>(`[data-node="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
  };
  const listen = (event: KeyboardEvent): void => {
    const at = event.target instanceof Element ? event.target.closest("[data-node]")?.getAttribute("data-node") : null;
    if (at === null || at === undefined) return;
    const way = WAYS[event.key];
    if (way === undefined && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    const next = way === undefined ? null : walk(graph, at, way);
    if (way === undefined) choose(at);
    else if (next !== null) walkTo(next);
  };
  const chooseNode = useCallback((id: string) => {
    setWalked(id);
    choose(id);
  }, []);
  return (
    <div class={`dag${showsCritical ? " critical-only" : ""}`}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the buttons inside */}
      <div class="dag-screen" ref={screen} onKeyDown={listen}>
        {/* biome-ignore lint/a11y/useSemanticElements: a drawing of buttons is a group of them */}
        <svg class="dag-drawing" role="group" aria-label={`Graph of ${graph.workflow}`}>
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path class="arrow" d="M0 0.5 L8 4 L0 7.5 z" />
            </marker>
          </defs>
          <g class="camera">
            <Edges edges={graph.edges} />
            {graph.nodes.map((node) => (
              <Node
                key={node.id}
                node={node}
                look={looks.get(node.id)}
                isChosen={node.id === chosen}
                isEntry={node.id === entry}
                choose={chooseNode}
              />
            ))}
          </g>
        </svg>
      </div>
      <div class="dag-tools" role="toolbar" aria-label="Graph">
        <Button pressed={showsCritical} run={() => setShowsCritical(!showsCritical)}>
          Critical path
        </Button>
        <Button icon="minus" label="Zoom out" run={() => camera.zoom(1 / 1.3)} />
        <Button icon="plus" label="Zoom in" run={() => camera.zoom(1.3)} />
        <Button icon="fit" label="Show all" run={camera.fit} />
      </div>
    </div>
  );
}

/** The lines of a plan do not change: they are drawn once. */
class Edges extends Component<{ readonly edges: readonly GraphEdge[] }> {
  override shouldComponentUpdate({ edges }: { readonly edges: readonly GraphEdge[] }): boolean {
    return edges !== this.props.edges;
  }

  override render({ edges }: { readonly edges: readonly GraphEdge[] }) {
    return (
      <g>
        {edges.map(({ from, to, critical, because, points }) => (
          <path
            key={`${from} ${to} ${because}`}
            class={critical ? "dag-edge critical" : "dag-edge"}
            d={curve(points)}
            marker-end="url(#arrow)"
          >
            <title>{`${from} → ${to}: ${because}`}</title>
          </path>
        ))}
      </g>
    );
  }
}

/** Through all points, level at each of them. */
function curve(points: GraphEdge["points"]): string {
  return points
    .map(({ x, y }, index) => {
      const before = points[index - 1];
      if (before === undefined) return `M${x},${y}`;
      const middle = (before.x + x) / 2;
      return before.y === y ? `L${x},${y}` : `C${middle},${before.y} ${middle},${y} ${x},${y}`;
    })
    .join(" ");
}

interface Camera {
  zoom(factor: number): void;
  fit(): void;
  reveal(box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }): void;
}

function useCamera(screen: RefObject<HTMLDivElement | null>, graph: GraphView): Camera {
  const view = useRef<ViewBox>({ x: 0, y: 0, zoom: 1 });
  const isMoved = useRef(false);
  const show = (next: ViewBox): void => {
    view.current = next;
    const drawing = screen.current?.querySelector(".camera");
    drawing?.setAttribute("transform", `translate(${next.x} ${next.y}) scale(${next.zoom})`);
    screen.current?.classList.toggle("far", next.zoom < TEXT_ZOOM_MIN);
  };
  const size = () => ({ width: screen.current?.clientWidth ?? 1, height: screen.current?.clientHeight ?? 1 });
  const all = (): void => {
    isMoved.current = true;
    show(fitted(graph, size()));
  };
  const open = (): void => show(opened(graph, size()));
  useLayoutEffect(open, [graph]);
  useEffect(() => {
    const element = screen.current;
    if (element === null) return;
    const watch = new ResizeObserver(() => !isMoved.current && open());
    watch.observe(element);
    const stop = listenToPointer(element, (change) => {
      isMoved.current = true;
      show(change(view.current));
    });
    return () => {
      watch.disconnect();
      stop();
    };
  }, [graph]);
  return {
    zoom(factor) {
      isMoved.current = true;
      const { width, height } = size();
      show(zoomAt(view.current, { x: width / 2, y: height / 2 }, factor));
    },
    fit: all,
    reveal: (box) => show(reveal(view.current, box, size())),
  };
}

/** Drags, wheels, and two fingers. */
function listenToPointer(element: HTMLElement, move: (change: (view: ViewBox) => ViewBox) => void): () => void {
  const gone = new AbortController();
  const { signal } = gone;
  const fingers = new Map<number, { x: number; y: number }>();
  let travelled = 0;
  const spot = ({ clientX, clientY }: MouseEvent) => {
    const { left, top } = element.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  const apart = (): number => {
    const [one, other] = [...fingers.values()];
    return one === undefined || other === undefined ? 0 : Math.hypot(one.x - other.x, one.y - other.y);
  };
  element.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) move((view) => zoomAt(view, spot(event), Math.exp(-event.deltaY / 180)));
      else move((view) => ({ ...view, x: view.x - event.deltaX, y: view.y - event.deltaY }));
    },
    { passive: false, signal },
  );
  element.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      fingers.set(event.pointerId, spot(event));
      travelled = 0;
    },
    { signal },
  );
  element.addEventListener(
    "pointermove",
    (event) => {
      const before = fingers.get(event.pointerId);
      if (before === undefined) return;
      const at = spot(event);
      const wide = apart();
      fingers.set(event.pointerId, at);
      travelled += Math.hypot(at.x - before.x, at.y - before.y);
      if (travelled < DRAG_MIN) return;
      // From here on it is a drag: what lies under the pointer is not clicked.
      if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
      if (fingers.size === 2 && wide > 0) move((view) => zoomAt(view, at, apart() / wide));
      else move((view) => ({ ...view, x: view.x + at.x - before.x, y: view.y + at.y - before.y }));
    },
    { signal },
  );
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"] as const)
    element.addEventListener(end, ({ pointerId }) => fingers.delete(pointerId), { signal });
  return () => gone.abort();
}
