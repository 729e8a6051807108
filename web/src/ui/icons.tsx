// Icons as inline SVG, 16 units square, drawn with the text's colour.
import type { JSX } from "preact";

const paths = {
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM10.4 10.4 14 14",
  chevron: "M6 3.5 10.5 8 6 12.5",
  down: "M3.5 6 8 10.5 12.5 6",
  back: "M9.5 3.5 5 8l4.5 4.5",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5V3a.8.8 0 0 1 .8-.8H13a.8.8 0 0 1 .8.8v6.700a.8.8 0 0 1-.8.8h-2.500M3 5.500h6.700a.8.8 0 0 1 .8.8V13a.8.8 0 0 1-.8.8H3a.8.8 0 0 1-.8-.8V6.300A.8.8 0 0 1 3 5.500Z",
  check: "M3 8.5 6.500 12 13 4.500",
  link: "M6.500 9.500a3 3 0 0 0 4.300 0l2.200-2.200a3 3 0 0 0-4.300-4.300l-1 1M9.500 6.500a3 3 0 0 0-4.300 0L3 8.700A3 3 0 0 0 7.300 13l1-1",
  download: "M8 2.500v7.500M4.800 7 8 10.200 11.200 7M3 13.500h10",
  filter: "M2.500 3.500h11L9.300 8.500v4L6.700 13.500v-5Z",
  sun: "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM8 1.200v1.300M8 13.500v1.300M1.200 8h1.300M13.500 8h1.300M3.200 3.200l.9.9M11.900 11.900l.9.9M12.800 3.200l-.9.9M4.100 11.900l-.9.9",
  moon: "M13.300 9.700A5.800 5.800 0 0 1 6.300 2.700a5.800 5.800 0 1 0 7 7Z",
  auto: "M8 2.200a5.800 5.800 0 1 1 0 11.600A5.800 5.800 0 0 1 8 2.200ZM8 2.200v11.600M8 5h4.900M8 8h5.800M8 11h4.900",
  keyboard: "M2 4h12v8H2ZM4.300 6.500h.1M6.800 6.500h.1M9.200 6.500h.1M11.600 6.500h.1M4.300 9.500h.1M11.600 9.500h.1M6.500 9.500h3",
  warn: "M8 2.200 14.300 13.300H1.700ZM8 6.500v3.200M8 11.400v.2",
  expand: "M4.500 6 8 2.500 11.500 6M4.500 10 8 13.500 11.500 10",
  fold: "M4.500 2.500 8 6l3.500-3.500M4.500 13.500 8 10l3.500 3.500",
  up: "M8 13V3.500M4 7l4-4 4 4",
  out: "M9 2.800h4.200V7M13 3 7.500 8.500M11.500 9.500v3.700H2.800V4.500h3.700",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

/** A failed span: filled; a failed one below: hollow. The mark differs in form from every other, not in colour only. */
export function ErrorIcon({ hollow = false, title }: { hollow?: boolean; title?: string }): JSX.Element {
  return (
    <svg class={hollow ? "error-icon hollow" : "error-icon"} width="13" height="13" viewBox="0 0 14 14" {...(title ? { role: "img", "aria-label": title } : { "aria-hidden": true })}>
      <path class="shape" d="M4.400 1h5.200L13 4.400v5.200L9.600 13H4.400L1 9.600V4.400Z" />
      <path class="sign" d="M7 3.800v3.700M7 9.800v.3" />
    </svg>
  );
}

export function Logo(): JSX.Element {
  return (
    <svg class="logo" width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
      <g fill="none" stroke="currentColor" stroke-width="2.6">
        <ellipse cx="16" cy="25" rx="11.5" ry="4.6" />
        <ellipse cx="15.2" cy="16.2" rx="8" ry="4" />
      </g>
      <ellipse class="logo-top" cx="16.8" cy="8.4" rx="5" ry="3.6" />
    </svg>
  );
}
