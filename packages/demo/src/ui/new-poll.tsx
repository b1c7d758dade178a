import { createPoll } from '@parley/client/polls';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { Dialog } from './dialog.tsx';
import { Field, Form, type Problem } from './form.tsx';
import { useTexts } from './hooks.ts';
import { Icon } from './icons.tsx';

const MAX_OPTIONS = 20;
const HOURS = [1, 24, 168];

interface Place {
  readonly roomId: string;
  /** Of a poll in a thread. */
  readonly threadRootId?: string;
}

/** A button that opens the form of a new poll. */
export function NewPollButton(place: Place): JSX.Element {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        class="plain"
        aria-label={t.newPoll}
        title={t.newPoll}
        onClick={() => setOpen(true)}
      >
        <Icon name="poll" />
      </button>
      {isOpen && <NewPoll {...place} onClose={() => setOpen(false)} />}
    </>
  );
}

function NewPoll({ onClose, roomId, threadRootId }: Place & { readonly onClose: () => void }): JSX.Element {
  const t = useTexts();
  // One key for all attempts, so that a repetition does not create a second poll.
  const [idempotencyKey] = useState(() => crypto.getRandomValues(new Uint32Array(4)).join('-'));
  const [openedAt] = useState(Date.now); // a repetition says the same, also when the poll closes
  const submit = async (values: Record<string, string>) => {
    const thread = threadRootId === undefined ? {} : { threadRootId };
    await createPoll(client, roomId, { ...pollOf(values, openedAt), ...thread, idempotencyKey });
    onClose();
  };
  return (
    <Dialog title={t.newPoll} onClose={onClose}>
      <Form label={t.createPoll} submit={submit} fields={['question']}>
        {(problem) => (
          <>
            <Field name="question" label={t.question} problem={problem} autocomplete="off" required />
            <Options problem={problem} />
            <Settings />
          </>
        )}
      </Form>
    </Dialog>
  );
}

/** What was entered, for `createPoll`. Empty options are left out. */
function pollOf(values: Record<string, string>, openedAt: number) {
  const options = Object.keys(values).flatMap((name) =>
    name.startsWith('option') ? [values[name] ?? ''] : [],
  );
  const hours = Number(values['hours'] ?? 0);
  return {
    question: values['question'] ?? '',
    options,
    maxChoices: values['multiple'] ? options.length : 1,
    isAnonymous: values['anonymous'] !== undefined,
    resultsVisibility: values['hidden'] ? ('WHEN_CLOSED' as const) : ('ALWAYS' as const),
    closesAt: hours > 0 ? new Date(openedAt + hours * 3_600_000).toISOString() : null,
  };
}

function Options({ problem }: { problem: Problem }): JSX.Element {
  const t = useTexts();
  const [count, setCount] = useState(2);
  return (
    <>
      {Array.from({ length: count }, (_, i) => (
        <Field
          key={i}
          name={`option${i}`}
          label={t.option(i + 1)}
          problem={problem}
          maxLength={100}
          autocomplete="off"
          required={i < 2}
        />
      ))}
      {count < MAX_OPTIONS && (
        <button type="button" class="small" onClick={() => setCount(count + 1)}>
          {t.addOption}
        </button>
      )}
    </>
  );
}

function Settings(): JSX.Element {
  const t = useTexts();
  return (
    <>
      <Choice name="multiple" label={t.severalChoices} />
      <Choice name="anonymous" label={t.anonymousPoll} />
      <Choice name="hidden" label={t.hiddenResults} />
      <label class="field">
        {t.pollEnd}
        <select name="hours">
          <option value="">{t.pollEndNever}</option>
          {HOURS.map((hours) => (
            <option key={hours} value={hours}>
              {t.pollEndIn(hours)}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

function Choice({ name, label }: { name: string; label: string }): JSX.Element {
  return (
    <label class="option">
      <input type="checkbox" name={name} value="yes" />
      {label}
    </label>
  );
}
