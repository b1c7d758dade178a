import { canManageEmojis, createEmoji, deleteEmoji } from '@parley/client/emojis';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { emojiCodes, loadEmojis } from '../platform/emojis.ts';
import { Field, Form } from './form.tsx';
import { useTexts, useValue } from './hooks.ts';
import { attempt } from './problems.tsx';

/** The emoji of the server, for administrators of it. */
export function ServerEmojis(): JSX.Element | null {
  const t = useTexts();
  const codes = useValue(emojiCodes);
  const [isAllowed, setAllowed] = useState(false);
  useEffect(
    () =>
      attempt(async () => {
        setAllowed(await canManageEmojis(client));
        await loadEmojis();
      }),
    [],
  );
  if (!isAllowed) return null;
  const add = ({ name = '' }: Record<string, string>) => createEmoji(client, name).then(loadEmojis);
  const remove = (code: string) => attempt(() => deleteEmoji(client, code.slice(1, -1)).then(loadEmojis));
  return (
    <section class="settings" aria-label={t.serverEmojis}>
      <h3>{t.serverEmojis}</h3>
      <ul class="setting-list">
        {[...codes].map((code) => (
          <li key={code}>
            <code>{code}</code>
            <button type="button" aria-label={t.deleteEmoji(code)} onClick={() => remove(code)}>
              {t.delete}
            </button>
          </li>
        ))}
      </ul>
      <Form label={t.addEmoji} submit={add} fields={['name']}>
        {(problem) => (
          <Field
            name="name"
            label={t.emojiName}
            hint={t.emojiNameHint}
            problem={problem}
            autocomplete="off"
            pattern="[a-z0-9_]{2,32}"
            required
          />
        )}
      </Form>
    </section>
  );
}
