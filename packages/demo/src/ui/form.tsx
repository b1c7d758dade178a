import type { ComponentChildren, JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { useTexts } from './hooks.ts';
import { fieldOf, sayingOf } from './problems.tsx';

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly problem?: { field: string | null; text: string } | null;
  readonly hint?: string;
  readonly type?: 'text' | 'email' | 'password';
  readonly autocomplete?: string;
  readonly required?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

export function Field({ label, hint, problem, name, ...input }: FieldProps): JSX.Element {
  const id = useId();
  const wrong = problem?.field === name ? problem.text : null;
  const note = wrong ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        // The callers choose attributes that fit the type of input.
        {...(input as object)}
        aria-invalid={wrong !== null}
        aria-describedby={note ? `${id}-note` : undefined}
      />
      {note && (
        <p id={`${id}-note`} class={wrong ? 'hint wrong' : 'hint'}>
          {note}
        </p>
      )}
    </div>
  );
}

export type Problem = { field: string | null; text: string } | null;

interface FormProps {
  readonly submit: (values: Record<string, string>) => Promise<unknown>;
  readonly label: string;
  readonly fields: readonly string[];
  readonly children: (problem: Problem) => ComponentChildren;
}

/** A form that shows errors: beside their field, or above its button. */
export function Form({ submit, label, fields, children }: FormProps): JSX.Element {
  const t = useTexts();
  const [problem, setProblem] = useState<Problem>(null);
  const [isBusy, setBusy] = useState(false);
  const onSubmit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setBusy(true);
    try {
      await submit(valuesOf(form));
      setProblem(null);
      form.reset();
    } catch (error) {
      setProblem({ field: fieldOf(error), text: sayingOf(error, t) });
      focusOn(form, fieldOf(error));
    } finally {
      setBusy(false);
    }
  };
  const isApart = problem && !(problem.field && fields.includes(problem.field));
  return (
    <form class="form" onSubmit={(event) => void onSubmit(event)}>
      {children(problem)}
      <div role="alert">{isApart && <p class="hint wrong">{problem.text}</p>}</div>
      <button type="submit" class="primary" disabled={isBusy}>
        {label}
      </button>
    </form>
  );
}

/** Returns the values of the form, without empty fields. */
function valuesOf(form: HTMLFormElement): Record<string, string> {
  const entries = [...new FormData(form)].filter(([, value]) => value !== '');
  return Object.fromEntries(entries) as Record<string, string>;
}

function focusOn(form: HTMLFormElement, field: string | null): void {
  const input = field && form.elements.namedItem(field);
  if (input instanceof HTMLElement) input.focus();
}
