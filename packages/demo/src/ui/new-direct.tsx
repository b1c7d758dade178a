import { ParleyError, type Person } from '@parley/client';
import type { JSX } from 'preact';
import { client } from '../platform/chat.ts';
import { go } from '../platform/route.ts';
import type { Texts } from '../texts/en.ts';
import { Dialog } from './dialog.tsx';
import { Field, Form } from './form.tsx';
import { useTexts } from './hooks.ts';

/**
 * Finds the user with that username.
 * @throws ParleyError for the form, if there is none
 */
export async function personCalled(username: string, t: Texts): Promise<Person> {
  const person = await client.findPerson(username.trim());
  if (!person) throw new ParleyError('NO_SUCH_PERSON', t.noSuchPerson, { path: ['person'] });
  return person;
}

export function NewDirect({ onClose }: { onClose: () => void }): JSX.Element {
  const t = useTexts();
  const submit = async ({ person = '' }: Record<string, string>) => {
    const { id } = await personCalled(person, t);
    const roomId = await client.openDirectRoom([id]);
    onClose();
    go({ page: 'room', roomId });
  };
  return (
    <Dialog title={t.newDirect} onClose={onClose}>
      <Form label={t.startDirect} submit={submit} fields={['person']}>
        {(problem) => (
          <Field name="person" label={t.username} problem={problem} autocomplete="off" required />
        )}
      </Form>
    </Dialog>
  );
}
