import type { JSX } from 'preact';
import { hrefOf } from '../platform/route.ts';
import { useTexts } from './hooks.ts';
import { Icon } from './icons.tsx';

/** A link back to the rooms, on a screen that shows one view at a time. */
export function BackLink(): JSX.Element {
  const t = useTexts();
  return (
    <a class="back plain" href={hrefOf({ page: 'home' })} aria-label={t.back}>
      <Icon name="back" />
    </a>
  );
}
