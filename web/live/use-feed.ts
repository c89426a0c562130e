import { useEffect, useRef } from "preact/hooks";
import { type FeedListener, listenToFeed } from "./feed.ts";

/** While the component is on the screen. */
export function useFeed(listener: FeedListener): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => listenToFeed({ heard: (event) => latest.current.heard(event), joined: () => latest.current.joined() }), []);
}
