import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

export interface Scrolled {
  readonly top: number;
  readonly view: number;
  readonly width: number;
}

/** How far an element is scrolled, and how large it is. `looked` is told of it at once, before anything is drawn. */
export function useScrolled(scroller: RefObject<HTMLElement | null>, looked: (element: HTMLElement) => void = () => {}): Scrolled {
  const [seen, setSeen] = useState<Scrolled>({ top: 0, view: 800, width: innerWidth });
  const latest = useRef(looked);
  latest.current = looked;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const look = (): void => {
      latest.current(element);
      setSeen({ top: element.scrollTop, view: element.clientHeight, width: element.clientWidth });
    };
    const watch = new ResizeObserver(look);
    watch.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      watch.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  return seen;
}
