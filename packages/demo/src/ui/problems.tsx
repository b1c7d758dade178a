import { ParleyError } from '@parley/client';
import type { JSX } from 'preact';
import { Cell } from '../platform/cell.ts';
import { failure } from '../platform/chat.ts';
import type { Texts } from '../texts/en.ts';
import { language, textsIn } from '../texts/texts.ts';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';

/** The field of a form that the error is about; null if it is about none. */
export const fieldOf = (error: unknown): string | null =>
  (error instanceof ParleyError && error.path?.at(-1)) || null;

/** The text of an error for the user. */
export function sayingOf(error: unknown, t: Texts): string {
  if (!(error instanceof ParleyError)) return t.failedAction;
  const field = fieldOf(error) ?? '';
  if (error.code === 'INVALID_CREDENTIALS') return t.refused[field] ?? t.errors[error.code] ?? error.message;
  return t.fields[field] ?? t.errors[error.code] ?? error.message;
}

const notice = new Cell<string | null>(null);

/** Shows an error of an action without a form. */
export function report(error: unknown): void {
  notice.set(sayingOf(error, textsIn(language.getSnapshot())));
}

failure.subscribe(() => report(failure.getSnapshot()));

/** Runs an action of the user, and shows its failure. */
export function attempt(action: () => Promise<unknown>): void {
  notice.set(null);
  action().catch(report);
}

export function Notice(): JSX.Element {
  const t = useTexts();
  const text = useValue(notice);
  return (
    <div role="alert" class="notices">
      {text !== null && (
        <p class="notice">
          <Icon name="warning" />
          <span>{text}</span>
          <button type="button" class="plain" aria-label={t.close} onClick={() => notice.set(null)}>
            <Icon name="close" />
          </button>
        </p>
      )}
    </div>
  );
}
