/** Line drawings in the colour of the text. They say nothing by themselves: what they stand beside, or the button's name, does. */
const PATHS = {
  runs: "M3 4h10M3 8h10M3 12h6",
  workflow: "M3 3h4v3H3zM9 10h4v3H9zM5 6v5.5h4",
  approval: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM5.5 8l1.8 1.8L10.7 6.3",
  quarantine: "M8 2l6 11H2zM8 6.5v3M8 11.3v.2",
  tool: "M10.5 2.5a3.5 3.5 0 0 0-3.3 4.7L2.5 12l1.5 1.5 4.8-4.7a3.5 3.5 0 0 0 4.5-4.5L11 6.5 9.5 5z",
  schedule: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.6",
  cost: "M8 1.8v12.4M11 4.6C10.4 3.7 9.3 3.2 8 3.2c-1.7 0-3 .8-3 2.2 0 3.2 6.2 1.6 6.2 5 0 1.5-1.4 2.4-3.2 2.4-1.5 0-2.7-.6-3.3-1.6",
  bell: "M8 2a4 4 0 0 0-4 4c0 3.500-1.500 5-1.500 5h11s-1.500-1.500-1.500-5a4 4 0 0 0-4-4zM6.700 13.500a1.500 1.500 0 0 0 2.600 0",
  download: "M8 2v8.500M4.500 7 8 10.500 11.500 7M2.500 13.500h11",
  system: "M2.5 3.5h11v3.5h-11zM2.5 9h11v3.5h-11zM5 5.250h.1M5 10.750h.1",
  search: "M7 11.5A4.5 4.5 0 1 0 7 2.5a4.5 4.5 0 0 0 0 9zM10.3 10.3 14 14",
  copy: "M5.5 5.5h7.5v7.5H5.5zM10.5 5.5V3H3v7.5h2.5",
  done: "M3 8.5l3.2 3.2L13 5",
  close: "M4 4l8 8M12 4l-8 8",
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  sun: "M8 10.7a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z",
  keyboard: "M1.5 4.5h13v7.5h-13zM4 7h.1M6.5 7h.1M9 7h.1M11.5 7h.1M5 9.7h6",
  stop: "M4 4h8v8H4z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3l7.5 5L5 13z",
  retry: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.8h-2.8",
  fork: "M4.5 5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM11.5 5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM8 14a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM4.5 5c0 3 3.5 2 3.5 6M11.5 5c0 3-3.5 2-3.5 6",
  release: "M4 7.5h8V13H4zM5.5 7.5V5a2.5 2.5 0 0 1 4.9-.7",
  more: "M4 8h.1M8 8h.1M12 8h.1",
  right: "M6 3.5 10.5 8 6 12.5",
  left: "M10 3.5 5.5 8l4.5 4.5",
  down: "M3.5 6 8 10.5 12.5 6",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  leave: "M6.5 2.5h-4v11h4M10 5l3 3-3 3M13 8H6",
  outside: "M9 2.5h4.5V7M13.5 2.5 8 8M11.5 9.5v4h-9v-9h4",
  filter: "M2 3.5h12L9.5 8.7V13l-3-1.5V8.7z",
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
