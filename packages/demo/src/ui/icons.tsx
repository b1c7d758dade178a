import type { JSX } from 'preact';

const PATHS = {
  back: 'M15 5l-7 7 7 7',
  send: 'M4 12l16-7-5 15-3.5-6z',
  reply: 'M10 7L5 12l5 5M5 12h9a5 5 0 0 1 5 5v1',
  forward: 'M14 7l5 5-5 5M19 12h-9a5 5 0 0 0-5 5v1',
  thread: 'M5 5h14v10h-8l-4 4v-4H5zM8.500 8.500h7M8.500 11.500h4',
  edit: 'M5 19l1-4L16 5l3 3L9 18z',
  delete: 'M6 7h12M10 7V5h4v2M8 7l1 12h6l1-12',
  place: 'M12 21c-4-5-6-8-6-11a6 6 0 0 1 12 0c0 3-2 6-6 11zM12 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
  poll: 'M6 20v-7M12 20V5M18 20v-10',
  plus: 'M12 5v14M5 12h14',
  compass: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM15.5 8.5l-2 5-5 2 2-5z',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c.5-3.5 3.5-5 7-5s6.500 1.500 7 5',
  account:
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM6 18.500c1-2.500 3.300-3.500 6-3.500s5 1 6 3.500',
  shield: 'M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2.200 2.200L15.500 10',
  smile: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM8.500 14c2 2.500 5 2.500 7 0M9.500 9.500v.5M14.500 9.500v.5',
  close: 'M6 6l12 12M18 6L6 18',
  down: 'M12 5v14M6 13l6 6 6-6',
  pin: 'M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6',
  unpin: 'M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6M4 4l16 16',
  bookmark: 'M7 4h10v16l-5-4-5 4z',
  bookmarked: 'M7 4h10v16l-5-4-5 4zM9.500 9.500l2 2 3-3.500',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l1.500 2h-15zM10 20.500h4',
  muted: 'M6 16V11a6 6 0 0 1 12 0v5l1.500 2h-15zM10 20.500h4M4 4l16 16',
  up: 'M12 19V5M6 11l6-6 6 6',
  unread: 'M5 6h9M5 11h6M5 16h11M18.500 5a2 2 0 1 0 0 4 2 2 0 0 0 0-4z',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.500l3 1.500',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  checks: 'M2 12.500l4.500 4.500L16 7.500M11 16l1 1L21.500 7.500',
  settings: 'M4 7h9M17 7h3M15 4.500v5M4 17h3M11 17h9M9 14.500v5',
  warning: 'M12 4l9 16H3zM12 10v4M12 17v.5',
  leave: 'M14 5H6v14h8M11 12h9M17 9l3 3-3 3',
} as const;

export type IconName = keyof typeof PATHS;

/** A decoration: the text or the label beside it has the meaning. */
export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Logo(): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path
        class="logo-bubble"
        d="M4 8a5 5 0 0 1 5-5h14a5 5 0 0 1 5 5v10a5 5 0 0 1-5 5H14l-7 6v-6a4 4 0 0 1-3-4z"
      />
      <path class="logo-mark" d="M10 13.500l4 4 8-8" />
    </svg>
  );
}
