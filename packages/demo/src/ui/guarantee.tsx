import type { JSX } from 'preact';
import { client, cutLine, line, restoreLine } from '../platform/chat.ts';
import { hasGraphiql } from '../platform/page.ts';
import { Setting } from '../platform/setting.ts';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { attempt } from './problems.tsx';

const isChoice = (text: string): text is 'open' | 'closed' => text === 'open' || text === 'closed';
const isWide = matchMedia('(min-width: 75rem)').matches;
const panel = new Setting('guarantee', isChoice, isWide ? 'open' : 'closed');

export function GuaranteeToggle(): JSX.Element {
  const t = useTexts();
  const isOpen = useValue(panel) === 'open';
  return (
    <button
      type="button"
      class="plain"
      aria-expanded={isOpen}
      aria-label={t.guarantee}
      title={t.guarantee}
      onClick={() => panel.set(isOpen ? 'closed' : 'open')}
    >
      <Icon name="shield" />
    </button>
  );
}

/** Shows that no event is missed or repeated, whatever happens to the connection. */
export function Guarantee(): JSX.Element | null {
  const t = useTexts();
  const isOpen = useValue(panel) === 'open';
  if (!isOpen) return null;
  return (
    <aside class="guarantee" aria-label={t.guarantee}>
      <header class="dialog-head">
        <h2>{t.guarantee}</h2>
        <button type="button" class="plain" aria-label={t.close} onClick={() => panel.set('closed')}>
          <Icon name="close" />
        </button>
      </header>
      <p>{t.guaranteeText}</p>
      <p>{t.guaranteeTry}</p>
      <Switch />
      <Counters />
      {hasGraphiql && (
        <p>
          <a href="/graphql">{t.explore}</a>
        </p>
      )}
    </aside>
  );
}

function Switch(): JSX.Element {
  const t = useTexts();
  const { isCut } = useValue(line.state);
  const onClick = () => (isCut ? attempt(restoreLine) : cutLine());
  return (
    <button type="button" class={isCut ? 'primary' : 'danger'} onClick={onClick}>
      {isCut ? t.reconnect : t.cut}
    </button>
  );
}

function Counters(): JSX.Element {
  const t = useTexts();
  const { received, gaps, repeats, interruptions } = useValue(line.state);
  const outbox = useValue(client.outbox);
  const rows = [
    ['received', t.received, received],
    ['gaps', t.gaps, gaps],
    ['repeats', t.repeats, repeats],
    ['interruptions', t.interruptions, interruptions],
    ['unsent', t.unsent, outbox.filter(({ status }) => status === 'pending').length],
  ] as const;
  return (
    <dl class="counters">
      {rows.map(([name, label, value]) => (
        <div class={`counter ${name}`}>
          <dt>{label}</dt>
          <dd data-counter={name}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
