import type { ComponentChildren, JSX } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Cell } from '../platform/cell.ts';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { Notice } from './problems.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A modal dialog. The browser keeps the focus inside, and restores it afterwards. What is outside of it cannot be clicked. */
export function Dialog({ title, onClose, children }: DialogProps): JSX.Element {
  const t = useTexts();
  const id = useId();
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={ref} aria-labelledby={id} onClose={onClose}>
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="plain" aria-label={t.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
      <Notice />
    </dialog>
  );
}

interface Question {
  readonly text: string;
  readonly action: string;
  readonly run: () => void;
}

const question = new Cell<Question | null>(null);

/** Asks for confirmation of an action that cannot be undone. */
export function confirmed(text: string, action: string, run: () => void): void {
  question.set({ text, action, run });
}

export function Confirmation(): JSX.Element | null {
  const t = useTexts();
  const asked = useValue(question);
  if (!asked) return null;
  const close = () => question.set(null);
  const agree = () => {
    close();
    asked.run();
  };
  return (
    <Dialog title={asked.text} onClose={close}>
      <div class="buttons">
        <button type="button" onClick={close}>
          {t.cancel}
        </button>
        <button type="button" class="danger" onClick={agree}>
          {asked.action}
        </button>
      </div>
    </Dialog>
  );
}
