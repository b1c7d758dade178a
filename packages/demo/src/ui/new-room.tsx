import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { go } from '../platform/route.ts';
import { Dialog } from './dialog.tsx';
import { Field, Form } from './form.tsx';
import { useTexts } from './hooks.ts';

export function NewRoom({ onClose }: { onClose: () => void }): JSX.Element {
  const t = useTexts();
  // One key for all attempts, so that a repetition does not create a second room.
  const [key] = useState(() => crypto.getRandomValues(new Uint32Array(4)).join('-'));
  const submit = async ({ name = '', description, kind }: Record<string, string>) => {
    const room = { name, kind: kind === 'PRIVATE' ? 'PRIVATE' : 'PUBLIC' } as const;
    const roomId = await client.createRoom({ ...room, ...(description && { description }) }, key);
    onClose();
    go({ page: 'room', roomId });
  };
  return (
    <Dialog title={t.newRoom} onClose={onClose}>
      <Form label={t.create} submit={submit} fields={['name', 'description']}>
        {(problem) => (
          <>
            <Field
              name="name"
              label={t.roomName}
              hint={t.roomNameHint}
              problem={problem}
              minLength={3}
              maxLength={100}
              autocomplete="off"
              required
            />
            <Field
              name="description"
              label={t.description}
              problem={problem}
              maxLength={1000}
              autocomplete="off"
            />
            <label class="option">
              <input type="radio" name="kind" value="PUBLIC" defaultChecked />
              {t.publicRoom}
            </label>
            <label class="option">
              <input type="radio" name="kind" value="PRIVATE" />
              {t.privateRoom}
            </label>
          </>
        )}
      </Form>
    </Dialog>
  );
}
