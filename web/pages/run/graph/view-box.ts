/** Which part of a drawing is seen: moved and zoomed. */
export interface ViewBox {
  /** Where the drawing's upper left corner is, in pixels of the screen. */
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const ZOOM_MIN = 0.03;
const ZOOM_MAX = 2.5;
const MARGIN = 24;
const SMALL_SCREEN = 600;
const READABLE_ZOOM = 0.75;

/** Zooms so that the point of the screen stays where it is. */
export function zoomAt(view: ViewBox, point: { readonly x: number; readonly y: number }, factor: number): ViewBox {
  const zoom = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, view.zoom * factor));
  const by = zoom / view.zoom;
  return { zoom, x: point.x - (point.x - view.x) * by, y: point.y - (point.y - view.y) * by };
}

/** All of it, as large as it fits, but never larger than it was drawn. */
export function fitted(drawing: Size, screen: Size): ViewBox {
  const across = (screen.width - 2 * MARGIN) / Math.max(1, drawing.width);
  const down = (screen.height - 2 * MARGIN) / Math.max(1, drawing.height);
  const zoom = Math.min(1, Math.max(ZOOM_MIN, Math.min(across, down)));
  return {
    zoom,
    x: Math.max(MARGIN, (screen.width - drawing.width * zoom) / 2),
    y: Math.max(MARGIN, (screen.height - drawing.height * zoom) / 2),
  };
}

/** On a small screen all of it would be too small to read: there it begins at its left end, and one moves along. */
export function opened(drawing: Size, screen: Size): ViewBox {
  const all = fitted(drawing, screen);
  if (screen.width >= SMALL_SCREEN || all.zoom >= READABLE_ZOOM) return all;
  const y = (screen.height - drawing.height * READABLE_ZOOM) / 2;
  return { zoom: READABLE_ZOOM, x: MARGIN, y: Math.max(MARGIN, y) };
}

/** Moved as little as it takes to see the box whole. */
export function reveal(view: ViewBox, box: Size & { readonly x: number; readonly y: number }, screen: Size): ViewBox {
  const shift = (start: number, size: number, room: number): number => {
    if (start < MARGIN) return MARGIN - start;
    return start + size > room - MARGIN ? Math.max(MARGIN - start, room - MARGIN - size - start) : 0;
  };
  const dx = shift(view.x + box.x * view.zoom, box.width * view.zoom, screen.width);
  const dy = shift(view.y + box.y * view.zoom, box.height * view.zoom, screen.height);
  return dx === 0 && dy === 0 ? view : { ...view, x: view.x + dx, y: view.y + dy };
}
