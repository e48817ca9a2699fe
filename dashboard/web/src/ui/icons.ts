/**
 * The few signs that the page uses, as outlines on a field of 16 by 16.
 *
 * The rule: a sign never stands alone. Whoever shows one gives it words, on screen or as a label.
 */
export const icons = {
  below: 'M2.5 3h11v10h-11zM2.5 9h11',
  beside: 'M2.5 3h11v10h-11zM9 3v10',
  check: 'M3 8.5 6.5 12 13 4.5',
  close: 'M4 4l8 8M12 4l-8 8',
  copy: 'M5.5 5.5V3h7.5v7.5h-2.5M3 5.5h7.5V13H3z',
  down: 'M4 6l4 4 4-4',
  download: 'M8 2.5v8M4.5 7 8 10.5 11.5 7M3 13.5h10',
  external: 'M9 3h4v4M13 3 7.5 8.5M11 9v4H3V5h4',
  filter: 'M2 3.5h12L9.5 8.5v4.5l-3-1.5V8.5z',
  keys: 'M2 4.5h12v7H2zM4.5 7h.01M7 7h.01M9.5 7h.01M11.5 7h.01M5 9.5h6',
  left: 'M10 4 6 8l4 4',
  mask: 'M2 5.5c3-1.5 9-1.5 12 0 0 4-2 6-3.5 6S8.5 10 8 10s-1 1.5-2.5 1.5S2 9.5 2 5.5zM5 7.5h1.5M9.5 7.5H11',
  menu: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  minus: 'M3.5 8h9',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z',
  note: 'M3 3h10v7.5H8L5 13v-2.5H3z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3l8 5-8 5z',
  plus: 'M8 3.5v9M3.5 8h9',
  problem: 'M8 2.5 14 13H2zM8 6.5v3M8 11.2h.01',
  replay: 'M3 8a5 5 0 1 0 1.5-3.5L3 6M3 3v3h3',
  right: 'M6 4l4 4-4 4',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5 14 14',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7',
  up: 'M4 10l4-4 4 4',
  warning: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 5v3.5M8 10.8h.01',
} as const;

export type IconName = keyof typeof icons;
